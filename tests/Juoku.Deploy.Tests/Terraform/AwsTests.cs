using System.Text.Json;

namespace Juoku.Deploy.Tests.Terraform;

/// <summary>What AWS must not be asked for, or must.</summary>
public sealed class AwsTests
{
    [Fact]
    public async Task Queue_Redrive_LeadsToTheDeadLetters()
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");

        string redrive = Text(aws.Resource("aws_sqs_queue", "parts"), "redrive_policy");
        Assert.Contains("aws_sqs_queue.dead.arn", redrive, StringComparison.Ordinal);
        Assert.Contains("maxReceiveCount", redrive, StringComparison.Ordinal);
        Assert.Contains("aws_sqs_queue.parts.arn", Text(aws.Resource("aws_sqs_queue_redrive_allow_policy", "dead"), "redrive_allow_policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queues_EachOne_IsEncrypted()
    {
        Assert.All((await TerraformModule.LoadAsync("aws")).Resources("aws_sqs_queue"), queue =>
            Assert.True(queue.Body.TryGetProperty("kms_master_key_id", out _) || queue.Body.GetProperty("sqs_managed_sse_enabled").GetBoolean()));
    }

    [Fact]
    public async Task Buckets_EachOne_IsPrivateEncryptedAndVersioned()
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");

        Assert.All(aws.Resources("aws_s3_bucket"), bucket =>
        {
            JsonElement access = aws.Resource("aws_s3_bucket_public_access_block", bucket.Name);
            foreach (string way in (string[])["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]) Assert.True(access.GetProperty(way).GetBoolean(), way);
            JsonElement rule = aws.Resource("aws_s3_bucket_server_side_encryption_configuration", bucket.Name).GetProperty("rule")[0];
            Assert.Equal("aws:kms", Text(rule.GetProperty("apply_server_side_encryption_by_default")[0], "sse_algorithm"));
            Assert.Equal("Enabled", Text(aws.Resource("aws_s3_bucket_versioning", bucket.Name).GetProperty("versioning_configuration")[0], "status"));
            Assert.Contains(Statements(aws, bucket.Name), statement => Text(statement, "effect") == "Deny" && statement.GetRawText().Contains("aws:SecureTransport", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Bucket_FeaturesAreComplete_NotifiesTheQueueWorkersRead()
    {
        JsonElement notice = (await TerraformModule.LoadAsync("aws")).Resource("aws_s3_bucket_notification", "store").GetProperty("queue")[0];

        Assert.Equal("${aws_sqs_queue.parts.arn}", Text(notice, "queue_arn"));
        Assert.Equal("features/", Text(notice, "filter_prefix"));
        Assert.Equal("_SUCCESS", Text(notice, "filter_suffix"));
    }

    [Fact]
    public async Task Policies_WhatTheyAllow_IsNeverEverything()
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");

        foreach (TerraformBlock policy in aws.Of("data").Where(data => data.Type == "aws_iam_policy_document"))
            foreach (JsonElement statement in Statements(aws, policy.Name).Where(statement => !statement.TryGetProperty("effect", out JsonElement effect) || effect.GetString() != "Deny"))
            {
                // A key must be the account's own, or nobody could ever change it again.
                bool isOwner = policy.Name == "data_key" && statement.GetRawText().Contains(":root", StringComparison.Ordinal);
                Assert.All(Texts(statement, "actions"), action => Assert.True(isOwner || !action.Contains('*'), $"{policy.Address} allows {action}"));
                Assert.True(statement.TryGetProperty("sid", out _) || statement.TryGetProperty("principals", out _), $"{policy.Address}: a statement says what for");
            }
    }

    [Theory]
    [InlineData("worker"), InlineData("controller"), InlineData("training")]
    public async Task Policies_OfJuokusOwnPods_NameTheirResources(string account)
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");

        Assert.All(Statements(aws, account), statement => Assert.DoesNotContain("*", Texts(statement, "resources")));
        Assert.Equal($"${{data.aws_iam_policy_document.{account}.json}}", Text(aws.Resource("aws_iam_role_policy", account), "policy"));
    }

    [Fact]
    public async Task Policies_OnlyWorkers_TakeParts()
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");

        Assert.Contains("sqs:ReceiveMessage", Actions("worker"));
        Assert.DoesNotContain("sqs:ReceiveMessage", Actions("controller"));
        Assert.DoesNotContain(Actions("training"), action => action.StartsWith("sqs:", StringComparison.Ordinal));

        string[] Actions(string account) => [.. Statements(aws, account).SelectMany(statement => Texts(statement, "actions"))];
    }

    [Fact]
    public async Task Nodes_LifeCycles_RunOnWhatTheyNeed()
    {
        TerraformModule aws = await TerraformModule.LoadAsync("aws");
        JsonElement groups = Assert.Single(aws.Locals(), local => local.Name == "life_cycle_groups").Value;

        Assert.Equal(["inference-arm64", "inference-x86", "serving", "training"], groups.EnumerateObject().Select(group => group.Name).Order());
        Assert.Equal("ON_DEMAND", Text(groups.GetProperty("training"), "capacity_type"));
        Assert.EndsWith("NVIDIA", Text(groups.GetProperty("training"), "ami_type"));
        Assert.Equal(0, groups.GetProperty("training").GetProperty("min").GetInt32());
        Assert.All((string[])["inference-x86", "inference-arm64"], group => Assert.Equal("SPOT", Text(groups.GetProperty(group), "capacity_type")));
        Assert.Equal("ON_DEMAND", Text(groups.GetProperty("serving"), "capacity_type"));
    }

    private static IEnumerable<JsonElement> Statements(TerraformModule aws, string policy)
    {
        JsonElement body = Assert.Single(aws.Of("data"), data => data.Type == "aws_iam_policy_document" && data.Name == policy).Body;
        if (body.TryGetProperty("statement", out JsonElement statements))
            foreach (JsonElement statement in statements.EnumerateArray()) yield return statement;
        if (body.TryGetProperty("dynamic", out JsonElement dynamic))
            foreach (JsonElement statement in dynamic.GetProperty("statement").EnumerateArray()) yield return statement.GetProperty("content")[0];
    }

    private static string[] Texts(JsonElement element, string name) => !element.TryGetProperty(name, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.String ? [value.GetString()!]
        : [.. value.EnumerateArray().Select(item => item.GetString()!)];

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";
}
