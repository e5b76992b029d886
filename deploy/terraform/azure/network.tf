# A virtual network with both internet protocols. Storage is reached through it, and by nobody else.

resource "azurerm_virtual_network" "main" {
  name                = local.name
  resource_group_name = azurerm_resource_group.main.name
  location            = azurerm_resource_group.main.location
  address_space       = [var.address_space.ipv4, var.address_space.ipv6]
  tags                = local.tags
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = [cidrsubnet(var.address_space.ipv4, 2, 0), cidrsubnet(var.address_space.ipv6, 64 - tonumber(split("/", var.address_space.ipv6)[1]), 0)]
  service_endpoints    = ["Microsoft.Storage"]
}
