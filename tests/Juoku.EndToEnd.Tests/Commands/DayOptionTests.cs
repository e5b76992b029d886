using System.CommandLine;
using System.Globalization;
using Juoku.App.Commands;

namespace Juoku.EndToEnd.Tests.Commands;

public sealed class DayOptionTests
{
    private static readonly TimeProvider Evening = new Clock("2026-11-24T23:59:59Z"), Morning = new Clock("2026-11-25T08:30:00+09:00");

    [Theory]
    [InlineData("2024-02-29", "2024-02-29")]
    [InlineData("today", "2026-11-24")]
    [InlineData("yesterday", "2026-11-23")]
    [InlineData("today-0d", "2026-11-24")]
    [InlineData("today-28d", "2026-10-27")]
    [InlineData("yesterday-7d", "2026-11-16")]
    public void TryParse_ADay_IsThatDayOfUtc(string text, string expected)
    {
        foreach (TimeProvider clock in (TimeProvider[])[Evening, Morning])
        {
            Assert.True(DayOption.TryParse(text, clock, out DateOnly day));
            Assert.Equal(expected, day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("Today")]
    [InlineData("today-")]
    [InlineData("today-7")]
    [InlineData("today--7d")]
    [InlineData("today-7d-1d")]
    [InlineData("today+1d")]
    [InlineData("today-999999999d")]
    [InlineData("today-99999999999d")]
    [InlineData("-7d")]
    [InlineData("2026-02-30")]
    [InlineData("20261124")]
    public void TryParse_NoDay_IsFalse(string text) => Assert.False(DayOption.TryParse(text, Evening, out _));

    [Fact]
    public void Parse_NoDay_SaysHowOneIsWritten()
    {
        var command = new RootCommand { DayOption.Of("--day", "", isRequired: true) };

        Assert.Equal("--day monday: a day is written like 2026-11-23, today, yesterday or today-28d.", Assert.Single(command.Parse("--day monday").Errors).Message);
    }

    private sealed class Clock(string now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
    }
}
