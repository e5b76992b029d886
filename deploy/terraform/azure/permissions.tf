# What Juoku's own pods may do: no more than their commands ask for. Azure's ready-made roles would let them delete queues, and write everywhere.

locals {
  blobs    = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
  messages = "Microsoft.Storage/storageAccounts/queueServices/queues/messages"

  # Folders of the store that each may write to, and delete from; all may read.
  folders = {
    worker     = { write = ["runs/*", "predictions/*"], delete = ["runs/_open/*"] }
    controller = { write = ["runs/*", "predictions/*"], delete = ["runs/_open/*"] }
    training   = { write = ["features/*", "models/*", "rejects/*"], delete = ["features/*", "rejects/*"] }
  }

  # The language of conditions knows no sets of patterns: "this action is not asked for, or the path is one of these".
  conditions = { for account, may in local.folders : account => join(" AND ", [
    "((!(ActionMatches{'${local.blobs}/write'}) AND !(ActionMatches{'${local.blobs}/add/action'})) OR (${join(" OR ", [for path in may.write : "@Resource[${local.blobs}:path] StringLike '${path}'"])}))",
    "(!(ActionMatches{'${local.blobs}/delete'}) OR (${join(" OR ", [for path in may.delete : "@Resource[${local.blobs}:path] StringLike '${path}'"])}))",
  ]) }
}

resource "azurerm_role_definition" "objects" {
  name        = "${local.name} objects"
  scope       = azurerm_resource_group.main.id
  description = "Read, write and delete objects, in the folders that the assignment's condition names."

  permissions {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    data_actions = [
      "${local.blobs}/read",
      "${local.blobs}/write",
      "${local.blobs}/add/action",
      "${local.blobs}/delete",
    ]
  }
}

resource "azurerm_role_definition" "take_parts" {
  name        = "${local.name} take parts"
  scope       = azurerm_resource_group.main.id
  description = "Count, send, receive, extend and delete messages."

  permissions {
    actions = ["Microsoft.Storage/storageAccounts/queueServices/queues/read"]
    data_actions = [
      "${local.messages}/read",
      "${local.messages}/write",
      "${local.messages}/add/action",
      "${local.messages}/process/action",
      "${local.messages}/delete",
    ]
  }
}

resource "azurerm_role_definition" "send_parts" {
  name        = "${local.name} send parts"
  scope       = azurerm_resource_group.main.id
  description = "Count and send messages."

  permissions {
    actions      = ["Microsoft.Storage/storageAccounts/queueServices/queues/read"]
    data_actions = ["${local.messages}/read", "${local.messages}/add/action"]
  }
}

resource "azurerm_role_assignment" "objects" {
  for_each = local.service_accounts

  scope              = azurerm_storage_container.store.id
  role_definition_id = azurerm_role_definition.objects.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.service_account[each.key].principal_id
  principal_type     = "ServicePrincipal"
  condition_version  = "2.0"
  condition          = local.conditions[each.key]
}

resource "azurerm_role_assignment" "take_parts" {
  scope              = azurerm_storage_queue.parts.id
  role_definition_id = azurerm_role_definition.take_parts.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.service_account["worker"].principal_id
  principal_type     = "ServicePrincipal"
}

# Of dead letters, a worker sends and counts, the controller counts.
resource "azurerm_role_assignment" "send_parts" {
  for_each = {
    worker_dead      = { account = "worker", queue = azurerm_storage_queue.dead.id }
    controller_parts = { account = "controller", queue = azurerm_storage_queue.parts.id }
    controller_dead  = { account = "controller", queue = azurerm_storage_queue.dead.id }
  }

  scope              = each.value.queue
  role_definition_id = azurerm_role_definition.send_parts.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.service_account[each.value.account].principal_id
  principal_type     = "ServicePrincipal"
}
