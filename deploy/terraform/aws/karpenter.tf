# Makes nodes by itself. What it makes bears the cluster's tag; only that it may tag, run and end.

locals {
  ec2 = "arn:${local.partition}:ec2:${var.region}:*"

  # What Karpenter makes, by which it may be told from the rest.
  made = [for kind in ["fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume"] : "${local.ec2}:${kind}/*"]
}

data "aws_iam_policy_document" "karpenter" {
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeCapacityReservations",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeInstanceStatus",
      "ec2:DescribeInstanceTypeOfferings",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribePlacementGroups",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSpotPriceHistory",
      "ec2:DescribeSubnets",
      "iam:GetInstanceProfile",
      "iam:ListInstanceProfiles",
      "pricing:GetProducts",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "LookUpImages"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:${local.partition}:ssm:${var.region}::parameter/aws/service/*"]
  }

  statement {
    sid       = "FindTheCluster"
    actions   = ["eks:DescribeCluster"]
    resources = [aws_eks_cluster.main.arn]
  }

  statement {
    sid       = "RunFromImagesAndSubnets"
    actions   = ["ec2:RunInstances", "ec2:CreateFleet"]
    resources = [for kind in ["image", "snapshot", "security-group", "subnet", "capacity-reservation"] : "${local.ec2}:${kind}/*"]
  }

  statement {
    sid       = "RunFromOwnTemplates"
    actions   = ["ec2:RunInstances", "ec2:CreateFleet"]
    resources = ["${local.ec2}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/kubernetes.io/cluster/${local.name}"
      values   = ["owned"]
    }
  }

  statement {
    sid       = "MakeWhatIsTagged"
    actions   = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"]
    resources = local.made

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes.io/cluster/${local.name}"
      values   = ["owned"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/eks:eks-cluster-name"
      values   = [local.name]
    }
  }

  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = local.made

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes.io/cluster/${local.name}"
      values   = ["owned"]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]
    }
  }

  statement {
    sid       = "NameOwnNodes"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.ec2}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/kubernetes.io/cluster/${local.name}"
      values   = ["owned"]
    }

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "aws:TagKeys"
      values   = ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]
    }
  }

  statement {
    sid       = "EndOwnNodes"
    actions   = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
    resources = ["${local.ec2}:instance/*", "${local.ec2}:launch-template/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/kubernetes.io/cluster/${local.name}"
      values   = ["owned"]
    }
  }

  statement {
    sid       = "GiveNodesTheirRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.node.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  dynamic "statement" {
    for_each = aws_sqs_queue.interruptions

    content {
      sid       = "HearOfInterruptions"
      actions   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      resources = [statement.value.arn]
    }
  }
}

resource "aws_iam_role_policy" "karpenter" {
  count = local.is_karpenter ? 1 : 0

  name   = "nodes"
  role   = aws_iam_role.service_account["karpenter"].id
  policy = data.aws_iam_policy_document.karpenter.json
}

# Made here, so that Karpenter need not be allowed to make any.
resource "aws_iam_instance_profile" "node" {
  count = local.is_karpenter ? 1 : 0

  name = "${local.name}-node"
  role = aws_iam_role.node.name
}

# Spot nodes are called back with two minutes' notice. Karpenter hears it here and drains them; a worker then gives its parts back.
resource "aws_sqs_queue" "interruptions" {
  count = local.is_karpenter ? 1 : 0

  name                      = "${local.name}-interruptions"
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "interruptions" {
  count = local.is_karpenter ? 1 : 0

  statement {
    sid       = "EventsOfThisAccount"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.interruptions : rule.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "interruptions" {
  count = local.is_karpenter ? 1 : 0

  queue_url = aws_sqs_queue.interruptions[0].url
  policy    = data.aws_iam_policy_document.interruptions[0].json
}

locals {
  interruptions = local.is_karpenter ? {
    health    = { source = "aws.health", type = "AWS Health Event" }
    rebalance = { source = "aws.ec2", type = "EC2 Instance Rebalance Recommendation" }
    spot      = { source = "aws.ec2", type = "EC2 Spot Instance Interruption Warning" }
    state     = { source = "aws.ec2", type = "EC2 Instance State-change Notification" }
  } : {}
}

resource "aws_cloudwatch_event_rule" "interruptions" {
  for_each = local.interruptions

  name          = "${local.name}-${each.key}"
  event_pattern = jsonencode({ source = [each.value.source], "detail-type" = [each.value.type] })
}

resource "aws_cloudwatch_event_target" "interruptions" {
  for_each = local.interruptions

  rule = aws_cloudwatch_event_rule.interruptions[each.key].name
  arn  = aws_sqs_queue.interruptions[0].arn
}

# Kubernetes objects, and so not Terraform's to make: an output, for kubectl.
locals {
  node_pools = {
    training = {
      lifecycle      = "training"
      capacity       = ["on-demand"]
      architectures  = ["amd64"]
      instance_types = var.training_nodes.instance_types
      cpu            = var.training_nodes.max * 8
    }
    inference = {
      lifecycle      = "inference"
      capacity       = ["spot"]
      architectures  = ["amd64", "arm64"]
      instance_types = concat(var.inference_nodes.x86_instance_types, var.inference_nodes.arm64_instance_types)
      cpu            = var.inference_nodes.max * 2 * 8
    }
    serving = {
      lifecycle      = "serving"
      capacity       = ["on-demand"]
      architectures  = ["arm64"]
      instance_types = var.serving_nodes.instance_types
      cpu            = var.serving_nodes.max * 4
    }
  }

  karpenter_manifests = local.is_karpenter ? templatefile("${path.module}/karpenter.yaml.tftpl", {
    cluster          = local.name
    instance_profile = aws_iam_instance_profile.node[0].name
    security_group   = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
    ip_family        = var.ip_family
    disk_gb          = var.node_disk_gb
    pools            = local.node_pools
  }) : ""
}
