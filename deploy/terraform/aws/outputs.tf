output "cluster_name" {
  description = "Name of the cluster: aws eks update-kubeconfig --name …"
  value       = aws_eks_cluster.main.name
}

output "image_repository" {
  description = "Where the image is pushed to and pulled from."
  value       = aws_ecr_repository.juoku.repository_url
}

output "store_url" {
  description = "The store, as Juoku names it."
  value       = local.store
}

output "queue_url" {
  description = "The queue, as Juoku names it."
  value       = local.queue
}

output "node_autoscaler_role_arn" {
  description = "Role of the service account kube-system/karpenter or kube-system/cluster-autoscaler."
  value       = aws_iam_role.service_account[var.node_autoscaler].arn
}

output "interruption_queue" {
  description = "Karpenter's setting interruptionQueue; empty for the Cluster Autoscaler."
  value       = join("", aws_sqs_queue.interruptions[*].name)
}

output "karpenter_manifests" {
  description = "NodePools for kubectl apply; empty for the Cluster Autoscaler."
  value       = local.karpenter_manifests
}

output "helm_values" {
  description = "What the chart needs to know of all this, for helm --values."
  value       = yamlencode(local.helm_values)
}

locals {
  store = "s3://${aws_s3_bucket.store.bucket}"
  queue = "sqs://${aws_sqs_queue.parts.name}"

  gpu_toleration = { key = "nvidia.com/gpu", operator = "Exists", effect = "NoSchedule" }
  toleration     = { key = "juoku.dev/lifecycle", operator = "Equal", effect = "NoSchedule" }

  helm_values = {
    image  = { repository = aws_ecr_repository.juoku.repository_url }
    config = { store = local.store, queue = local.queue }

    serviceAccounts = {
      worker     = { annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.service_account["worker"].arn } }
      controller = { annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.service_account["controller"].arn } }
      training   = { annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.service_account["training"].arn } }
    }

    lifecycles = {
      system    = { nodeSelector = { "juoku.dev/lifecycle" = "system" } }
      training  = { nodeSelector = { "juoku.dev/lifecycle" = "training" }, tolerations = [merge(local.toleration, { value = "training" }), local.gpu_toleration] }
      inference = { nodeSelector = { "juoku.dev/lifecycle" = "inference" }, tolerations = [merge(local.toleration, { value = "inference" })] }
      serving   = { nodeSelector = { "juoku.dev/lifecycle" = "serving" }, tolerations = [merge(local.toleration, { value = "serving" })] }
    }
  }
}
