using Juoku.Batch.Runs;

namespace Juoku.Batch.Tests.Runs;

public sealed class RunMessageTests
{
    private const string Event = """
        {"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2","eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put",
        "s3":{"s3SchemaVersion":"1.0","configurationId":"x","bucket":{"name":"logs","ownerIdentity":{"principalId":"A"},"arn":"arn:aws:s3:::logs"},
        "object":{"key":"features/click/dt%3D2026-11-23/part+00000.parquet","size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","sequencer":"0055AED6DCD90281E5"}}}]}
        """;

    [Fact]
    public void Read_OwnMessage_ComesBack()
    {
        var message = new PartMessage("dt-2026-11-23-0123456789ab", 42, "s3://bucket", Generation: 2, Faults: 3);

        Assert.Equal(message, Assert.IsType<RunMessage.Part>(RunMessage.Read(message.Body())).Message);
    }

    [Fact]
    public void Read_ShortForm_IsAPart() =>
        Assert.Equal(new PartMessage("r", 42), Assert.IsType<RunMessage.Part>(RunMessage.Read("""{"run": "r", "part": 42}""")).Message);

    [Fact]
    public void Read_S3Event_NamesTheObjectDecoded()
    {
        CreatedObject created = Assert.Single(Assert.IsType<RunMessage.Created>(RunMessage.Read(Event)).Objects);

        Assert.Equal(new CreatedObject("logs", "features/click/dt=2026-11-23/part 00000.parquet", 1024, "d41d8cd98f00b204e9800998ecf8427e"), created);
    }

    [Fact]
    public void Read_S3EventInAnSnsEnvelope_IsTheSame()
    {
        string envelope = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["Type"] = "Notification", ["TopicArn"] = "arn:aws:sns:x", ["Message"] = Event });

        Assert.Equal("logs", Assert.IsType<RunMessage.Created>(RunMessage.Read(envelope)).Objects[0].Bucket);
    }

    [Theory]
    [InlineData("""{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2014-10-13T15:57:02.089Z","Bucket":"bucketname"}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}]}""")]
    public void Read_EventWithoutAnObject_IsIdle(string body) => Assert.IsType<RunMessage.Idle>(RunMessage.Read(body));

    [Theory]
    [InlineData("""{"run":"r","part":-1}""")]
    [InlineData("""{"run":"r","part":"x"}""")]
    [InlineData("""{"run":7,"part":1}""")]
    [InlineData("""{"run":"r","part":1,"v":2}""")]
    [InlineData("""{"Records":[{"eventSource":"aws:ses"}]}""")]
    [InlineData("""{"Records":[7]}""")]
    [InlineData("""{"Type":"Notification","Message":"hello"}""")]
    [InlineData("null")]
    public void Read_AnythingElse_IsForeign(string body) => Assert.IsType<RunMessage.Foreign>(RunMessage.Read(body));
}
