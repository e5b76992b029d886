# The parts of runs. Azure's queues know no dead letters: Juoku keeps them in a second queue, named as Azure's own functions do.

resource "azurerm_storage_queue" "parts" {
  name               = "parts"
  storage_account_id = azurerm_storage_account.main.id
}

resource "azurerm_storage_queue" "dead" {
  name               = "${azurerm_storage_queue.parts.name}-poison"
  storage_account_id = azurerm_storage_account.main.id
}
