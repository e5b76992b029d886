using Microsoft.Extensions.Time.Testing;

namespace Juoku.Scaling.Tests.Leadership;

/// <summary>Waits for what must happen; how long it may take is generous, because it only ends what has failed anyway.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds.</summary>
    public static Task HoldsAsync(Func<bool> condition, string what) => HoldsAsync(() => Task.FromResult(condition()), what);

    /// <summary>Waits until something holds that has to be asked for.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Longest, $"never: {what}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sets a clock forward in small steps until something holds; returns how much time that took by the clock.</summary>
    public static async Task<TimeSpan> HoldsAsync(FakeTimeProvider clock, Func<bool> condition, string what)
    {
        DateTimeOffset start = clock.GetUtcNow();
        long real = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(real) < Longest, $"never: {what}");
            await PassAsync(clock, TimeSpan.FromMilliseconds(100));
        }

        return clock.GetUtcNow() - start;
    }

    /// <summary>Lets time pass by a clock, in steps in which requests can come and go.</summary>
    public static async Task PassAsync(FakeTimeProvider clock, TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(100);
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += step)
        {
            clock.Advance(step);
            await Task.Delay(4, TestContext.Current.CancellationToken);
        }
    }
}
