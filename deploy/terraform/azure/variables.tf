variable "subscription_id" {
  description = "Subscription that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "A subscription's ID is a GUID in lower case."
  }
}

variable "name" {
  description = "Name that everything begins with, before the environment."
  type        = string
  default     = "juoku"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.name))
    error_message = "A name has 2 to 10 characters of a-z and 0-9, and begins with a letter: accounts allow no others."
  }
}

variable "environment" {
  description = "Environment: dev, stg or prod."
  type        = string

  validation {
    condition     = contains(["dev", "stg", "prod"], var.environment)
    error_message = "The environment is dev, stg or prod."
  }
}

variable "account_suffix" {
  description = "End of the names of storage account and registry, which must be unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{2,10}$", var.account_suffix))
    error_message = "A suffix has 2 to 10 characters of a-z and 0-9."
  }
}

variable "location" {
  description = "Azure region, such as japaneast."
  type        = string
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}

variable "address_space" {
  description = "IPv4 and IPv6 range of the virtual network: a /16 to /20, and a /48 to /60."
  type        = object({ ipv4 = string, ipv6 = string })
  default     = { ipv4 = "10.30.0.0/16", ipv6 = "fd30:6a75:6f6b::/48" }

  validation {
    condition     = can(cidrnetmask(var.address_space.ipv4)) && can(cidrsubnet(var.address_space.ipv6, 4, 0)) && strcontains(var.address_space.ipv6, ":")
    error_message = "Write one range of each protocol, such as 10.30.0.0/16 and fd30:6a75:6f6b::/48."
  }
}

variable "kubernetes_version" {
  description = "Version of Kubernetes; its patches come by themselves."
  type        = string
  default     = "1.34"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "Write a minor version, such as 1.34."
  }
}

variable "api_allowed_cidrs" {
  description = "IPv4 ranges that may reach the cluster's API from outside. At least one, as kubectl comes from somewhere."
  type        = list(string)

  validation {
    condition     = length(var.api_allowed_cidrs) > 0 && alltrue([for cidr in var.api_allowed_cidrs : can(cidrnetmask(cidr)) && !endswith(cidr, "/0")])
    error_message = "Write ranges such as 203.0.113.0/24; the whole internet is no range to allow."
  }
}

variable "admin_group_ids" {
  description = "Groups of Entra ID that administer the cluster."
  type        = list(string)

  validation {
    condition     = length(var.admin_group_ids) > 0
    error_message = "Name at least one group: the cluster has no local accounts."
  }
}

variable "keda" {
  description = "Install Azure's own KEDA, for juoku keda-scaler; without it, juoku controller scales."
  type        = bool
  default     = false
}

variable "system_nodes" {
  description = "Nodes of the cluster's own pods and of Juoku's controller: size and their number, lowest and highest."
  type = object({
    vm_size = optional(string, "Standard_D2pds_v6")
    min     = optional(number, 2)
    max     = optional(number, 4)
  })
  default = {}

  validation {
    condition     = var.system_nodes.min >= 1 && var.system_nodes.max >= var.system_nodes.min
    error_message = "At least one node, and the highest number not below the lowest."
  }
}

variable "training_nodes" {
  description = "Nodes of training, on demand, from zero: a size with a GPU, and the most nodes."
  type = object({
    vm_size = optional(string, "Standard_NC8as_T4_v3")
    max     = optional(number, 2)
  })
  default = {}

  validation {
    condition     = var.training_nodes.max >= 1
    error_message = "At least one node."
  }
}

variable "inference_nodes" {
  description = "Nodes of workers, spot, from zero: a size of each architecture, and the most nodes of each."
  type = object({
    x86_vm_size   = optional(string, "Standard_D8ads_v6")
    arm64_vm_size = optional(string, "Standard_D8pds_v6")
    max           = optional(number, 50)
  })
  default = {}

  validation {
    condition     = var.inference_nodes.max >= 1
    error_message = "At least one node."
  }
}

variable "serving_nodes" {
  description = "Nodes of serving, on demand: size and their number, lowest and highest."
  type = object({
    vm_size = optional(string, "Standard_D4pds_v6")
    min     = optional(number, 0)
    max     = optional(number, 6)
  })
  default = {}

  validation {
    condition     = var.serving_nodes.max >= 1 && var.serving_nodes.max >= var.serving_nodes.min
    error_message = "At least one node, and the highest number not below the lowest."
  }
}

variable "replication" {
  description = "Copies of the data: LRS (one zone), ZRS (three zones) or GZRS (and another region)."
  type        = string
  default     = "ZRS"

  validation {
    condition     = contains(["LRS", "ZRS", "GZRS"], var.replication)
    error_message = "Replication is LRS, ZRS or GZRS."
  }
}

variable "storage_allowed_cidrs" {
  description = "IPv4 addresses and ranges (/30 and larger) that may reach the storage account beside the cluster."
  type        = list(string)
  default     = []
}

variable "noncurrent_days" {
  description = "Days that overwritten and deleted objects can be brought back."
  type        = number
  default     = 14

  validation {
    condition     = var.noncurrent_days >= 1 && var.noncurrent_days <= 365
    error_message = "From 1 to 365 days."
  }
}

variable "namespace" {
  description = "Kubernetes namespace that the chart is installed in."
  type        = string
  default     = "juoku"
}

variable "release" {
  description = "Name of the Helm release; service accounts are named after it."
  type        = string
  default     = "juoku"
}
