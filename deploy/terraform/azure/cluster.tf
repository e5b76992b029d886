resource "azurerm_user_assigned_identity" "cluster" {
  name                = "${local.name}-cluster"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  tags                = local.tags
}

resource "azurerm_role_assignment" "cluster_network" {
  scope                = azurerm_subnet.nodes.id
  role_definition_name = "Network Contributor"
  principal_id         = azurerm_user_assigned_identity.cluster.principal_id
  principal_type       = "ServicePrincipal"
}

resource "azurerm_kubernetes_cluster" "main" {
  name                      = local.name
  resource_group_name       = azurerm_resource_group.main.name
  location                  = azurerm_resource_group.main.location
  dns_prefix                = local.name
  kubernetes_version        = var.kubernetes_version
  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "NodeImage"
  sku_tier                  = var.environment == "prod" ? "Standard" : "Free"
  local_account_disabled    = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  tags                      = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.cluster.id]
  }

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_ids
  }

  api_server_access_profile {
    authorized_ip_ranges = var.api_allowed_cidrs
  }

  default_node_pool {
    name                        = "system"
    vm_size                     = var.system_nodes.vm_size
    vnet_subnet_id              = azurerm_subnet.nodes.id
    auto_scaling_enabled        = true
    min_count                   = var.system_nodes.min
    max_count                   = var.system_nodes.max
    os_sku                      = "AzureLinux"
    temporary_name_for_rotation = "systemtmp"
    node_labels                 = { "juoku.dev/lifecycle" = "system" }

    upgrade_settings {
      max_surge = "33%"
    }
  }

  # Pods have addresses of their own, not the network's; both protocols, IPv4 first. The chart's NetworkPolicy is enforced by Cilium.
  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    ip_versions         = ["IPv4", "IPv6"]
    load_balancer_sku   = "standard"
  }

  auto_scaler_profile {
    expander                      = "least-waste"
    scale_down_unneeded           = "2m"
    max_graceful_termination_sec  = "600"
    skip_nodes_with_local_storage = false # scratch of pods, which holds nothing that is missed
  }

  dynamic "workload_autoscaler_profile" {
    for_each = var.keda ? ["keda"] : []

    content {
      keda_enabled = true
    }
  }

  lifecycle {
    ignore_changes = [default_node_pool[0].node_count] # the autoscaler's
  }

  depends_on = [azurerm_role_assignment.cluster_network]
}
