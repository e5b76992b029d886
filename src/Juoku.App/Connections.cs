using Juoku.Aws;
using Juoku.Azure;
using Juoku.Batch;

namespace Juoku.App;

/// <summary>The kinds of stores and queues that commands know: one line a project that brings some.</summary>
internal static class Connections
{
    public static Adapters Adapters { get; } = Adapters.Local
        .AddAws()
        .AddAzure();
}
