using Juoku.Aws;
using Juoku.Azure;
using Juoku.Batch;

namespace Juoku.App;

/// <summary>The kinds of stores and queues that commands know: one line a project that brings some.</summary>
internal static class AppAdapters
{
    public static Adapters All { get; } = Adapters.Local
        .AddAws()
        .AddAzure();
}
