# A role for each service account, which only that account of this cluster can take.

locals {
  issuer = replace(aws_iam_openid_connect_provider.cluster.url, "https://", "")

  service_accounts = merge(
    {
      worker     = "${var.namespace}:${var.release}-worker"
      controller = "${var.namespace}:${var.release}-controller"
      training   = "${var.namespace}:${var.release}-training"
      network    = "kube-system:aws-node"
    },
    local.is_karpenter ? { karpenter = "kube-system:karpenter" } : { cluster-autoscaler = "kube-system:cluster-autoscaler" },
  )
}

data "aws_iam_policy_document" "service_account_trust" {
  for_each = local.service_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = ["system:serviceaccount:${each.value}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "service_account" {
  for_each = local.service_accounts

  name               = "${local.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.service_account_trust[each.key].json
}

# The network plug-in gives pods their addresses.
resource "aws_iam_role_policy_attachment" "network_ipv4" {
  count = var.ip_family == "ipv4" ? 1 : 0

  role       = aws_iam_role.service_account["network"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"
}

data "aws_iam_policy_document" "network_ipv6" {
  statement {
    sid = "GiveAddresses"
    actions = [
      "ec2:AssignIpv6Addresses",
      "ec2:DescribeInstances",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeTags",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "TagInterfaces"
    actions   = ["ec2:CreateTags"]
    resources = ["arn:${local.partition}:ec2:*:*:network-interface/*"]
  }
}

# Amazon keeps a policy of its own for IPv4 only.
resource "aws_iam_role_policy" "network_ipv6" {
  count = var.ip_family == "ipv6" ? 1 : 0

  name   = "addresses"
  role   = aws_iam_role.service_account["network"].id
  policy = data.aws_iam_policy_document.network_ipv6.json
}
