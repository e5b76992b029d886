namespace Juoku.Learning.Tests.Features;

/// <summary>Does something at what a build says, while the build waits.</summary>
internal sealed class Told(Action<string> tell) : IProgress<string>
{
    public void Report(string value) => tell(value);
}
