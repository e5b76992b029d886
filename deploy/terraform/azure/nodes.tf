# A life cycle a pool: what it runs decides what it runs on. Labels and taints are those that the chart's values select.

locals {
  node_pools = {
    training   = { lifecycle = "training", vm_size = var.training_nodes.vm_size, min = 0, max = var.training_nodes.max, is_spot = false }
    inferx86   = { lifecycle = "inference", vm_size = var.inference_nodes.x86_vm_size, min = 0, max = var.inference_nodes.max, is_spot = true }
    inferarm64 = { lifecycle = "inference", vm_size = var.inference_nodes.arm64_vm_size, min = 0, max = var.inference_nodes.max, is_spot = true }
    serving    = { lifecycle = "serving", vm_size = var.serving_nodes.vm_size, min = var.serving_nodes.min, max = var.serving_nodes.max, is_spot = false }
  }

  # Azure itself gives these to spot nodes; unsaid, each plan would want them gone.
  spot_label = { "kubernetes.azure.com/scalesetpriority" = "spot" }
  spot_taint = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"
}

resource "azurerm_kubernetes_cluster_node_pool" "main" {
  for_each = local.node_pools

  name                        = each.key
  temporary_name_for_rotation = "${substr(each.key, 0, 9)}tmp"
  kubernetes_cluster_id       = azurerm_kubernetes_cluster.main.id
  vnet_subnet_id              = azurerm_subnet.nodes.id
  vm_size                     = each.value.vm_size
  os_sku                      = "AzureLinux"
  auto_scaling_enabled        = true
  min_count                   = each.value.min
  max_count                   = each.value.max
  priority                    = each.value.is_spot ? "Spot" : "Regular"
  eviction_policy             = each.value.is_spot ? "Delete" : null
  spot_max_price              = each.value.is_spot ? -1 : null # up to the price on demand
  node_labels                 = merge({ "juoku.dev/lifecycle" = each.value.lifecycle }, each.value.is_spot ? local.spot_label : {})
  node_taints                 = concat(["juoku.dev/lifecycle=${each.value.lifecycle}:NoSchedule"], each.value.is_spot ? [local.spot_taint] : [])
  tags                        = local.tags

  lifecycle {
    ignore_changes = [node_count] # the autoscaler's
  }
}
