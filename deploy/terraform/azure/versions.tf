terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.65"
    }
  }
}

provider "azurerm" {
  subscription_id     = var.subscription_id
  storage_use_azuread = true # the account has no keys to use

  features {
    storage {
      data_plane_available = false # its network lets in only the cluster
    }
  }
}

locals {
  name = "${var.name}-${var.environment}"
  tags = merge({ Project = "juoku", Environment = var.environment }, var.tags)
}

resource "azurerm_resource_group" "main" {
  name     = local.name
  location = var.location
  tags     = local.tags
}
