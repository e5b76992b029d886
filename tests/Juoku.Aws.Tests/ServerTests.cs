using Juoku.Tests.Servers;

namespace Juoku.Aws.Tests;

public sealed class ServerTests(CephFixture ceph, FauxqsFixture fauxqs)
{
    [Fact]
    public async Task Both_Up()
    {
        var c = await ceph.RunningAsync();
        var f = await fauxqs.RunningAsync();
        using var http = new HttpClient();
        Assert.Contains("ListAllMyBuckets", await http.GetStringAsync(c.Endpoint, TestContext.Current.CancellationToken));
        Assert.StartsWith("http://127.0.0.1:", f.Endpoint);
    }
}
