variable "name" {
  description = "Name that everything begins with, before the environment."
  type        = string
  default     = "juoku"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "A name has 2 to 21 characters of a-z, 0-9 and -, and begins with a letter."
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

variable "region" {
  description = "AWS region."
  type        = string
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
}

variable "protect" {
  description = "Refuse to delete what holds data: cluster, bucket, images."
  type        = bool
  default     = true
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC, /16 to /18. Its IPv6 range is Amazon's choice."
  type        = string
  default     = "10.20.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 18, false)
    error_message = "Write a range of /16 to /18, such as 10.20.0.0/16."
  }
}

variable "zones" {
  description = "Number of availability zones."
  type        = number
  default     = 3

  validation {
    condition     = var.zones >= 2 && var.zones <= 3
    error_message = "EKS wants at least two zones; the address plan has room for three."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone instead of one for all: costs more, and a zone can fail alone."
  type        = bool
  default     = false
}

variable "ip_family" {
  description = "Addresses of pods and services: ipv4 or ipv6. The VPC has both."
  type        = string
  default     = "ipv6"

  validation {
    condition     = contains(["ipv4", "ipv6"], var.ip_family)
    error_message = "The family is ipv4 or ipv6."
  }
}

variable "kubernetes_version" {
  description = "Version of Kubernetes."
  type        = string
  default     = "1.34"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "Write a minor version, such as 1.34."
  }
}

variable "api_allowed_cidrs" {
  description = "IPv4 ranges that may reach the cluster's API from outside; none: only from inside the VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.api_allowed_cidrs : can(cidrnetmask(cidr)) && !endswith(cidr, "/0")])
    error_message = "Write ranges such as 203.0.113.0/24; the whole internet is no range to allow."
  }
}

variable "admin_role_arns" {
  description = "IAM roles that administer the cluster, beside the one that creates it."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days that the control plane's logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 7, 14, 30, 60, 90, 180 or 365 days."
  }
}

variable "node_autoscaler" {
  description = "What adds nodes: cluster-autoscaler (grows the node groups) or karpenter (there are then no groups but the system's)."
  type        = string
  default     = "karpenter"

  validation {
    condition     = contains(["karpenter", "cluster-autoscaler"], var.node_autoscaler)
    error_message = "The autoscaler is karpenter or cluster-autoscaler."
  }
}

variable "system_nodes" {
  description = "Nodes of the cluster's own pods and of Juoku's controller: instance types and their number, lowest and highest."
  type = object({
    instance_types = optional(list(string), ["m7g.large"])
    min            = optional(number, 2)
    max            = optional(number, 4)
  })
  default = {}

  validation {
    condition     = var.system_nodes.min >= 1 && var.system_nodes.max >= var.system_nodes.min
    error_message = "At least one node, and the highest number not below the lowest."
  }
}

variable "training_nodes" {
  description = "Nodes of training, on demand, from zero: instance types with a GPU, and the most nodes."
  type = object({
    instance_types = optional(list(string), ["g6.2xlarge", "g5.2xlarge"])
    max            = optional(number, 2)
  })
  default = {}

  validation {
    condition     = var.training_nodes.max >= 1 && length(var.training_nodes.instance_types) > 0
    error_message = "At least one node, and one instance type."
  }
}

variable "inference_nodes" {
  description = "Nodes of workers, spot, from zero: instance types of both architectures (several, so that spot has a choice), and the most nodes of each."
  type = object({
    x86_instance_types   = optional(list(string), ["c7i.2xlarge", "c7a.2xlarge", "c6i.2xlarge", "m7i.2xlarge"])
    arm64_instance_types = optional(list(string), ["c7g.2xlarge", "c8g.2xlarge", "c6g.2xlarge", "m7g.2xlarge"])
    max                  = optional(number, 50)
  })
  default = {}

  validation {
    condition     = var.inference_nodes.max >= 1 && min(length(var.inference_nodes.x86_instance_types), length(var.inference_nodes.arm64_instance_types)) >= 1
    error_message = "At least one node, and one instance type of each architecture."
  }
}

variable "serving_nodes" {
  description = "Nodes of serving, on demand: instance types and their number, lowest and highest."
  type = object({
    instance_types = optional(list(string), ["c7g.xlarge"])
    min            = optional(number, 0)
    max            = optional(number, 6)
  })
  default = {}

  validation {
    condition     = var.serving_nodes.max >= 1 && var.serving_nodes.max >= var.serving_nodes.min
    error_message = "At least one node, and the highest number not below the lowest."
  }
}

variable "node_disk_gb" {
  description = "Disk of a node, for images and the scratch of pods."
  type        = number
  default     = 50

  validation {
    condition     = var.node_disk_gb >= 20
    error_message = "A node's disk has at least 20 GB."
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

variable "max_receives" {
  description = "Times that a message may be received before it is a dead letter. More than the workers' --max-receives, so that they put the receipt first."
  type        = number
  default     = 8

  validation {
    condition     = var.max_receives >= 6
    error_message = "Workers give a part up after 5 receives: at least 6."
  }
}

variable "noncurrent_days" {
  description = "Days that overwritten and deleted objects can be brought back."
  type        = number
  default     = 14

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "At least one day."
  }
}
