# What Juoku's own pods may do: no more than their commands ask for.

locals {
  objects = "${aws_s3_bucket.store.arn}/"
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid       = "FindObjects"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.store.arn]
  }

  statement {
    sid       = "ReadFeaturesModelsAndRuns"
    actions   = ["s3:GetObject"]
    resources = [for folder in ["features", "models", "runs", "predictions"] : "${local.objects}${folder}/*"]
  }

  statement {
    sid       = "WriteReceiptsAndPredictions"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = ["${local.objects}runs/*", "${local.objects}predictions/*"]
  }

  statement {
    sid       = "SettleRuns"
    actions   = ["s3:DeleteObject"]
    resources = ["${local.objects}runs/_open/*"]
  }

  statement {
    sid = "TakeParts"
    actions = [
      "sqs:ReceiveMessage",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:SendMessage", # the parts of a run that a _SUCCESS starts, and a part that is given back
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
    ]
    resources = [aws_sqs_queue.parts.arn]
  }

  statement {
    sid       = "GiveUpParts"
    actions   = ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    resources = [aws_sqs_queue.dead.arn]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.data.arn]
  }
}

data "aws_iam_policy_document" "controller" {
  statement {
    sid       = "FindObjects"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.store.arn]
  }

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
    sid       = "CountAndSendParts"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.parts.arn]
  }

  statement {
    sid       = "CountDeadLetters"
    actions   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    resources = [aws_sqs_queue.dead.arn]
  }

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.data.arn]
  }
}

# Training and the building of features: no queue, no runs.
data "aws_iam_policy_document" "training" {
  statement {
    sid       = "FindObjects"
    actions   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
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

  statement {
    sid       = "UseTheKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.data.arn]
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
