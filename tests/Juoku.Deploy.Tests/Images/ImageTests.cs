using System.Text.Json;

namespace Juoku.Deploy.Tests.Images;

/// <summary>What can be known of the images without building them.</summary>
public sealed class ImageTests
{
    private static readonly string Root = DeployFolder.PathOf("..");

    [Fact]
    public void Containerfile_TheImage_IsNobodysAndHasOneProgram()
    {
        string[] lines = [.. DeployFolder.Read("images/Containerfile").Split('\n').SkipWhile(line => line != "FROM scratch")];

        Assert.Contains("USER 65532:65532", lines);
        Assert.Contains("""ENTRYPOINT ["/opt/juoku/juoku"]""", lines);
        // Nothing can be run in an image from scratch while it is built, for either platform.
        Assert.DoesNotContain(lines, line => line.StartsWith("RUN", StringComparison.Ordinal));
        // The user that the chart's pods run as has a name there.
        Assert.Contains("juoku:x:65532:65532:", DeployFolder.Read("images/root"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--arch riscv64 --engine true", 2, "build: there is no image for riscv64; write amd64 or arm64\n")]
    [InlineData("--engine no-such-engine", 1, "build: install podman, buildah or docker: no-such-engine was not found\n")]
    public async Task Build_WhatCannotBe_SaysSo(string arguments, int code, string message)
    {
        ToolResult build = await Tool.RunAsync("bash", Root, ["deploy/images/build", .. arguments.Split(' ')]);
        Assert.SkipWhen(build.Errors.Contains("install jq", StringComparison.Ordinal), "jq is not installed");

        Assert.Equal((code, message), (build.ExitCode, build.Errors));
    }

    [Fact]
    public async Task BillOfMaterials_OfTheProgram_NamesEveryPackage()
    {
        string description = Path.Combine(AppContext.BaseDirectory, "juoku.deps.json");
        using var program = JsonDocument.Parse(await File.ReadAllBytesAsync(description, TestContext.Current.CancellationToken));
        IEnumerable<string> packages = program.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => $"pkg:nuget/{library.Name.Replace('/', '@')}");

        ToolResult bill = await Tool.RunAsync("jq", Root, "--arg", "version", "1.2.3", "--arg", "arch", "arm64", "--arg", "debs", "libc6 2.36-9+deb12u10 arm64\n",
            "--from-file", "deploy/images/sbom.jq", description);
        Assert.True(bill.ExitCode == 0, bill.All);

        using var made = JsonDocument.Parse(bill.Output);
        Assert.Equal(("CycloneDX", "1.5"), (made.RootElement.GetProperty("bomFormat").GetString(), made.RootElement.GetProperty("specVersion").GetString()));
        string[] named = [.. made.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("purl").GetString()!)];
        Assert.Equal(packages.Append("pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=arm64&distro=debian-12").Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }
}
