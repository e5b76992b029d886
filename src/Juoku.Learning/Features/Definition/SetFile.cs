namespace Juoku.Learning.Features.Definition;

/// <summary>The shape of <c>set.yaml</c>. A key that is not here is an error.</summary>
internal sealed class SetFile
{
    public double RejectLimit { get; set; } = 0.01;

    public double Negatives { get; set; } = 1;

    public int RowsPerFile { get; set; } = 1_000_000;

    public Dictionary<string, SourceEntry> Sources { get; set; } = [];

    public StepsEntry? History { get; set; }

    public StepsEntry? Features { get; set; }

    public List<ColumnEntry> Columns { get; set; } = [];

    internal sealed class SourceEntry
    {
        public string? Path { get; set; }

        public bool ByDay { get; set; } = true;

        public bool Required { get; set; }

        public List<string> Unique { get; set; } = [];

        public string? FirstBy { get; set; }

        public List<RejectEntry> Rejects { get; set; } = [];
    }

    internal sealed class RejectEntry
    {
        public string? Reason { get; set; }

        public string? When { get; set; }
    }

    internal sealed class StepsEntry
    {
        public int Days { get; set; }

        public Dictionary<string, string> Reads { get; set; } = [];

        public List<string> Steps { get; set; } = [];

        public List<string> Keep { get; set; } = [];
    }

    internal sealed class ColumnEntry
    {
        public string? Name { get; set; }

        public ColumnRole Role { get; set; } = ColumnRole.Feature;

        public FeatureType? Type { get; set; }

        public bool Breakdown { get; set; }
    }
}
