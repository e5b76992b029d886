# A life cycle a group: what it runs decides what it runs on. Labels and taints are those that the chart's values select.

data "aws_iam_policy_document" "node_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = "${local.name}-node"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

locals {
  # Where Karpenter adds nodes, it makes those of the life cycles itself, from the NodePools of the output karpenter_manifests.
  is_karpenter = var.node_autoscaler == "karpenter"

  system_group = {
    system = {
      ami_type       = "AL2023_ARM_64_STANDARD"
      capacity_type  = "ON_DEMAND"
      instance_types = var.system_nodes.instance_types
      min            = var.system_nodes.min
      max            = var.system_nodes.max
      is_tainted     = false
    }
  }

  life_cycle_groups = {
    training = {
      ami_type       = "AL2023_x86_64_NVIDIA"
      capacity_type  = "ON_DEMAND"
      instance_types = var.training_nodes.instance_types
      min            = 0
      max            = var.training_nodes.max
      is_tainted     = true
    }
    inference-x86 = {
      ami_type       = "AL2023_x86_64_STANDARD"
      capacity_type  = "SPOT"
      instance_types = var.inference_nodes.x86_instance_types
      min            = 0
      max            = var.inference_nodes.max
      is_tainted     = true
    }
    inference-arm64 = {
      ami_type       = "AL2023_ARM_64_STANDARD"
      capacity_type  = "SPOT"
      instance_types = var.inference_nodes.arm64_instance_types
      min            = 0
      max            = var.inference_nodes.max
      is_tainted     = true
    }
    serving = {
      ami_type       = "AL2023_ARM_64_STANDARD"
      capacity_type  = "ON_DEMAND"
      instance_types = var.serving_nodes.instance_types
      min            = var.serving_nodes.min
      max            = var.serving_nodes.max
      is_tainted     = true
    }
  }

  node_groups = merge(local.system_group, local.is_karpenter ? {} : local.life_cycle_groups)
}

resource "aws_launch_template" "node" {
  name_prefix            = "${local.name}-node-"
  update_default_version = true

  # Pods have roles of their own and no business with the node's: one hop does not reach into a pod.
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    http_protocol_ipv6          = var.ip_family == "ipv6" ? "enabled" : "disabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type = "gp3"
      volume_size = var.node_disk_gb
      encrypted   = true
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${local.name}-node", Project = "juoku", Environment = var.environment }
  }
}

resource "aws_eks_node_group" "main" {
  for_each = local.node_groups

  cluster_name    = aws_eks_cluster.main.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = aws_subnet.private[*].id
  ami_type        = each.value.ami_type
  capacity_type   = each.value.capacity_type
  instance_types  = each.value.instance_types
  labels          = { "juoku.dev/lifecycle" = split("-", each.key)[0] }

  scaling_config {
    min_size     = each.value.min
    max_size     = each.value.max
    desired_size = each.value.min
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  dynamic "taint" {
    for_each = each.value.is_tainted ? [split("-", each.key)[0]] : []

    content {
      key    = "juoku.dev/lifecycle"
      value  = taint.value
      effect = "NO_SCHEDULE"
    }
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size] # the autoscaler's
  }

  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.network]
}
