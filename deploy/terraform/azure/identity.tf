# An identity for each service account, which only that account of this cluster can take.

locals {
  service_accounts = toset(["worker", "controller", "training"])
}

resource "azurerm_user_assigned_identity" "service_account" {
  for_each = local.service_accounts

  name                = "${local.name}-${each.key}"
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  tags                = local.tags
}

resource "azurerm_federated_identity_credential" "service_account" {
  for_each = local.service_accounts

  name                      = "kubernetes"
  user_assigned_identity_id = azurerm_user_assigned_identity.service_account[each.key].id
  issuer                    = azurerm_kubernetes_cluster.main.oidc_issuer_url
  subject                   = "system:serviceaccount:${var.namespace}:${var.release}-${each.key}"
  audience                  = ["api://AzureADTokenExchange"]
}
