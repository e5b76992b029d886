# What Juoku's own pods may do: no more than their commands ask for.

locals {
  objects = "${aws_s3_bucket.store.arn}/"
}

# What everyone needs.
data "aws_iam_policy_document" "everyone" {
  statement {
    sid       = "FindObjects"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.store.arn]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.data.arn]
  }
}

# Starting and finishing runs, which workers do as well as the controller.
data "aws_iam_policy_document" "controller" {
  source_policy_documents = [data.aws_iam_policy_document.everyone.json]

  statement {
    sid       = "ReadFeaturesModelsAndRuns"
    actions   = ["s3:GetObject"]
    resources = [for folder in ["features", "models", "runs", "predictions"] : "${local.objects}${folder}/*"]
  }

  statement {
    sid       = "StartAndFinishRuns"
    actions   = ["s3:PutObject"]
    resources = ["${local.objects}runs/*", "${local.objects}predictions/*"]
  }

  statement {
    sid       = "SettleRuns"
    actions   = ["s3:DeleteObject"]
    resources = ["${local.objects}runs/_open/*"]
  }

  statement {
    sid       = "SendParts"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.parts.arn]
  }

  statement {
    sid       = "CountMessages"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    resources = [aws_sqs_queue.parts.arn, aws_sqs_queue.dead.arn]
  }
}

data "aws_iam_policy_document" "worker" {
  source_policy_documents = [data.aws_iam_policy_document.controller.json]

  statement {
    sid       = "FindUnfinishedUploads"
    actions   = ["s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.store.arn]
  }

  statement {
    sid       = "EndUnfinishedUploads"
    actions   = ["s3:AbortMultipartUpload"]
    resources = ["${local.objects}runs/*", "${local.objects}predictions/*"]
  }

  statement {
    sid       = "TakeParts"
    actions   = ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"]
    resources = [aws_sqs_queue.parts.arn]
  }

  statement {
    sid       = "GiveUpParts"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead.arn]
  }
}

# Training and the building of features: no queue, no runs.
data "aws_iam_policy_document" "training" {
  source_policy_documents = [data.aws_iam_policy_document.everyone.json]

  statement {
    sid       = "FindUnfinishedUploads"
    actions   = ["s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.store.arn]
  }

  statement {
    sid       = "ReadLogsFeaturesAndModels"
    actions   = ["s3:GetObject"]
    resources = [for folder in ["logs", "features", "models"] : "${local.objects}${folder}/*"]
  }

  statement {
    sid       = "WriteFeaturesAndModels"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = [for folder in ["features", "models", "rejects"] : "${local.objects}${folder}/*"]
  }

  statement {
    sid       = "ReplaceADaysFeatures"
    actions   = ["s3:DeleteObject"]
    resources = [for folder in ["features", "rejects"] : "${local.objects}${folder}/*"]
  }
}

resource "aws_iam_role_policy" "worker" {
  name   = "juoku"
  role   = aws_iam_role.service_account["worker"].id
  policy = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_role_policy" "controller" {
  name   = "juoku"
  role   = aws_iam_role.service_account["controller"].id
  policy = data.aws_iam_policy_document.controller.json
}

resource "aws_iam_role_policy" "training" {
  name   = "juoku"
  role   = aws_iam_role.service_account["training"].id
  policy = data.aws_iam_policy_document.training.json
}
