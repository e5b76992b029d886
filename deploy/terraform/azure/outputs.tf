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

  helm_values = {
    image = { repository = local.image }
  }
}
