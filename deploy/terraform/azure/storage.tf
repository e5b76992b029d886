# The store: logs, features, models, runs and predictions. No keys: everybody is somebody.

resource "azurerm_storage_account" "main" {
  name                              = "${var.name}${var.environment}${var.account_suffix}"
  resource_group_name               = azurerm_resource_group.main.name
  location                          = azurerm_resource_group.main.location
  account_tier                      = "Standard"
  account_kind                      = "StorageV2"
  account_replication_type          = var.replication
  min_tls_version                   = "TLS1_2"
  https_traffic_only_enabled        = true
  shared_access_key_enabled         = false
  default_to_oauth_authentication   = true
  allow_nested_items_to_be_public   = false
  cross_tenant_replication_enabled  = false
  infrastructure_encryption_enabled = true
  queue_encryption_key_type         = "Account"
  tags                              = local.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = var.noncurrent_days
    }

    container_delete_retention_policy {
      days = var.noncurrent_days
    }
  }

  network_rules {
    default_action             = "Deny"
    bypass                     = ["AzureServices"]
    virtual_network_subnet_ids = [azurerm_subnet.nodes.id]
    ip_rules                   = var.storage_allowed_cidrs
  }
}

resource "azurerm_storage_container" "store" {
  name                  = "juoku"
  storage_account_id    = azurerm_storage_account.main.id
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "main" {
  storage_account_id = azurerm_storage_account.main.id

  rule {
    name    = "leftovers"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }

    actions {
      version {
        delete_after_days_since_creation = var.noncurrent_days
      }
    }
  }
}
