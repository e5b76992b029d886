using CsCheck;
using Juoku.App.Configuration;

namespace Juoku.EndToEnd.Tests.Configuration;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("30s", 30_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1.5h", 5_400_000)]
    public void TryParse_KnownForm_GivesLength(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("1 h")]
    [InlineData("-5s")]
    [InlineData("1h x")]
    [InlineData("9999999999d")]
    public void TryParse_OtherText_Fails(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void Format_AnyMilliseconds_ReadsBack() => Gen.Long[0, 10_000_000_000].Sample(milliseconds =>
        Duration.TryParse(Duration.Format(TimeSpan.FromMilliseconds(milliseconds)), out TimeSpan back) && (long)back.TotalMilliseconds == milliseconds);
}
