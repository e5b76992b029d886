using Juoku.Batch;

namespace Juoku.App;

/// <summary>The kinds of stores and queues that this executable can open.</summary>
internal static class Connections
{
    public static Adapters Adapters { get; } = Adapters.Local;
}
