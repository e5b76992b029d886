using System.Text.Json;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>What Azure must not be asked for, or must.</summary>
public sealed class AzureTests
{
    [Fact]
    public async Task Storage_Account_HasNoKeysAndNoOpenDoors()
    {
        JsonElement account = (await TerraformModule.LoadAsync("azure")).Resource("azurerm_storage_account", "main");

        Assert.False(account.GetProperty("shared_access_key_enabled").GetBoolean());
        Assert.False(account.GetProperty("allow_nested_items_to_be_public").GetBoolean());
        Assert.True(account.GetProperty("infrastructure_encryption_enabled").GetBoolean());
        Assert.Equal("TLS1_2", account.GetProperty("min_tls_version").GetString());
        Assert.Equal("Deny", account.GetProperty("network_rules")[0].GetProperty("default_action").GetString());
        Assert.True(account.GetProperty("blob_properties")[0].GetProperty("versioning_enabled").GetBoolean());
    }

    [Fact]
    public async Task Queue_DeadLetters_GoToTheOneThatJuokuNames()
    {
        TerraformModule azure = await TerraformModule.LoadAsync("azure");

        Assert.Equal("parts", azure.Resource("azurerm_storage_queue", "parts").GetProperty("name").GetString());
        Assert.Equal("${azurerm_storage_queue.parts.name}-poison", azure.Resource("azurerm_storage_queue", "dead").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Cluster_Identities_AreWorkloadsOwn()
    {
        TerraformModule azure = await TerraformModule.LoadAsync("azure");
        JsonElement cluster = azure.Resource("azurerm_kubernetes_cluster", "main");

        Assert.True(cluster.GetProperty("workload_identity_enabled").GetBoolean());
        Assert.True(cluster.GetProperty("oidc_issuer_enabled").GetBoolean());
        Assert.True(cluster.GetProperty("local_account_disabled").GetBoolean());
        Assert.Equal(["IPv4", "IPv6"], cluster.GetProperty("network_profile")[0].GetProperty("ip_versions").EnumerateArray().Select(version => version.GetString()));
        Assert.StartsWith("system:serviceaccount:", azure.Resource("azurerm_federated_identity_credential", "service_account").GetProperty("subject").GetString());
    }

    [Fact]
    public async Task Roles_WhatTheyAllow_IsNeverEverything() =>
        Assert.All((await TerraformModule.LoadAsync("azure")).Resources("azurerm_role_definition"), role =>
            Assert.DoesNotContain(role.Body.GetProperty("permissions").EnumerateArray().SelectMany(permission => (string[])[.. Texts(permission, "actions"), .. Texts(permission, "data_actions")]),
                action => action.Contains('*')));

    [Fact]
    public async Task Roles_OfObjects_AreBoundToFolders()
    {
        TerraformModule azure = await TerraformModule.LoadAsync("azure");

        Assert.Equal("${local.conditions[each.key]}", azure.Resource("azurerm_role_assignment", "objects").GetProperty("condition").GetString());
        JsonElement folders = Assert.Single(azure.Locals(), local => local.Name == "folders").Value;
        Assert.Equal(["controller", "training", "worker"], folders.EnumerateObject().Select(folder => folder.Name).Order());
        Assert.Equal(["runs/_open/*"], Texts(folders.GetProperty("worker"), "delete"));
    }

    [Fact]
    public async Task Nodes_LifeCycles_RunOnWhatTheyNeed()
    {
        TerraformModule azure = await TerraformModule.LoadAsync("azure");
        JsonElement pools = Assert.Single(azure.Locals(), local => local.Name == "node_pools").Value;

        Assert.Equal(["inferarm64", "inferx86"], pools.EnumerateObject().Where(pool => pool.Value.GetProperty("is_spot").GetBoolean()).Select(pool => pool.Name).Order());
        Assert.Equal(0, pools.GetProperty("training").GetProperty("min").GetInt32());
        Assert.All(pools.EnumerateObject(), pool => Assert.Matches("^[a-z][a-z0-9]{0,11}$", pool.Name)); // what Azure allows as a pool's name
    }

    private static string[] Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];
}
