output "cluster_name" {
  description = "Name of the cluster: az aks get-credentials --name …"
  value       = azurerm_kubernetes_cluster.main.name
}

output "resource_group" {
  description = "The group that everything lies in."
  value       = azurerm_resource_group.main.name
}

output "image_repository" {
  description = "Where the image is pushed to and pulled from."
  value       = local.image
}

output "store_url" {
  description = "The store, as Juoku names it."
  value       = local.store
}

output "queue_url" {
  description = "The queue, as Juoku names it."
  value       = local.queue
}

output "helm_values" {
  description = "What the chart needs to know of all this, for helm --values."
  value       = yamlencode(local.helm_values)
}

locals {
  image = "${azurerm_container_registry.main.login_server}/juoku"
  store = "az://${azurerm_storage_container.store.name}"
  queue = "azq://${azurerm_storage_queue.parts.name}"

  gpu_toleration  = { key = "nvidia.com/gpu", operator = "Exists", effect = "NoSchedule" }
  toleration      = { key = "juoku.dev/lifecycle", operator = "Equal", effect = "NoSchedule" }
  spot_toleration = { key = "kubernetes.azure.com/scalesetpriority", operator = "Equal", value = "spot", effect = "NoSchedule" }

  helm_values = {
    image       = { repository = local.image }
    config      = { store = local.store, queue = local.queue }
    autoscaling = { mode = var.keda ? "keda" : "controller" }
    podLabels   = { "azure.workload.identity/use" = "true" }
    extraEnv    = [{ name = "AZURE_STORAGE_ACCOUNT", value = azurerm_storage_account.main.name }]

    serviceAccounts = {
      worker     = { annotations = { "azure.workload.identity/client-id" = azurerm_user_assigned_identity.service_account["worker"].client_id } }
      controller = { annotations = { "azure.workload.identity/client-id" = azurerm_user_assigned_identity.service_account["controller"].client_id } }
      training   = { annotations = { "azure.workload.identity/client-id" = azurerm_user_assigned_identity.service_account["training"].client_id } }
    }

    lifecycles = {
      system    = { nodeSelector = { "juoku.dev/lifecycle" = "system" } }
      training  = { nodeSelector = { "juoku.dev/lifecycle" = "training" }, tolerations = [merge(local.toleration, { value = "training" }), local.gpu_toleration] }
      inference = { nodeSelector = { "juoku.dev/lifecycle" = "inference" }, tolerations = [merge(local.toleration, { value = "inference" }), local.spot_toleration] }
      serving   = { nodeSelector = { "juoku.dev/lifecycle" = "serving" }, tolerations = [merge(local.toleration, { value = "serving" })] }
    }
  }
}
