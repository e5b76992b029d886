# The parts of runs, and beside them the messages that nobody could deal with.

resource "aws_sqs_queue" "dead" {
  name                      = "${local.name}-parts-dead"
  message_retention_seconds = 14 * 24 * 3600
  kms_master_key_id         = aws_kms_key.data.arn
}

resource "aws_sqs_queue" "parts" {
  name                       = "${local.name}-parts"
  visibility_timeout_seconds = 90 # what workers ask for with each message, and extend
  message_retention_seconds  = 4 * 24 * 3600
  receive_wait_time_seconds  = 20
  kms_master_key_id          = aws_kms_key.data.arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.max_receives
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.url

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.parts.arn]
  })
}

data "aws_iam_policy_document" "parts" {
  statement {
    sid       = "BucketNotifies"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.parts.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_s3_bucket.store.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "OnlyEncryptedConnections"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.parts.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "parts" {
  queue_url = aws_sqs_queue.parts.url
  policy    = data.aws_iam_policy_document.parts.json
}
