using System.Collections.Immutable;
using Juoku.Learning.Features.Building;

namespace Juoku.Learning.Features.Importing;

/// <summary>A public click data set's files: their columns, and what a feature set makes of them.</summary>
/// <param name="Name">As the command line names it.</param>
/// <param name="Separator">Between the fields of a line.</param>
/// <param name="FirstName">How a header begins; a file without one begins with data.</param>
/// <param name="Fields">Names and SQL types of the fields.</param>
/// <param name="Query">Makes the features of the table <c>lines</c>, with <c>line</c> for the line's number and the day as <c>dt</c>.</param>
/// <param name="HasDays">Whether a line says which day it is of.</param>
/// <param name="Columns">Columns of the set, in order.</param>
internal sealed record PublicFormat(
    string Name, char Separator, string FirstName, ImmutableArray<(string Name, string Type)> Fields, string Query, bool HasDays, ImmutableArray<FeatureColumn> Columns)
{
    private static readonly string[] Counts = [.. Enumerable.Range(1, 13).Select(i => $"i{i}")];
    private static readonly string[] Hashes = [.. Enumerable.Range(1, 26).Select(i => $"c{i}")];
    private static readonly string[] AvazuNames =
    [
        "c1", "banner_pos", "site_id", "site_domain", "site_category", "app_id", "app_domain", "app_category", "device_id", "device_ip", "device_model", "device_type",
        "device_conn_type", "c14", "c15", "c16", "c17", "c18", "c19", "c20", "c21",
    ];

    /// <summary>Criteo's display ads: label, 13 counts, 26 hashed names, tab-separated, without header. Nothing says which day a line is of.</summary>
    public static PublicFormat Criteo { get; } = new(
        "criteo", '\t', "label",
        [("clicked", "TINYINT"), .. Counts.Select(name => (name, "INTEGER")), .. Hashes.Select(name => (name, "VARCHAR"))],
        $"SELECT line AS impression_id, clicked, {string.Join(", ", Counts.Concat(Hashes))} FROM lines",
        HasDays: false,
        [
            new FeatureColumn("impression_id", ColumnRole.Key), new FeatureColumn("clicked", ColumnRole.Label), new FeatureColumn("weight", ColumnRole.Weight),
            .. Counts.Select(name => new FeatureColumn(name, ColumnRole.Feature, FeatureType.Numeric)),
            .. Hashes.Select(name => new FeatureColumn(name, ColumnRole.Feature, FeatureType.Categorical)),
        ]);

    /// <summary>Avazu's mobile ads: 24 columns, comma-separated; the third is the hour as YYMMDDHH.</summary>
    public static PublicFormat Avazu { get; } = new(
        "avazu", ',', "id,",
        [("impression_id", "VARCHAR"), ("clicked", "TINYINT"), ("stamp", "INTEGER"), .. AvazuNames.Select(name => (name, IsText(name) ? "VARCHAR" : "INTEGER"))],
        $"SELECT impression_id, clicked, stamp % 100 AS hour, make_date(2000 + stamp // 1000000, stamp // 10000 % 100, stamp // 100 % 100) AS dt, {string.Join(", ", AvazuNames)} FROM lines",
        HasDays: true,
        [
            new FeatureColumn("impression_id", ColumnRole.Key), new FeatureColumn("clicked", ColumnRole.Label), new FeatureColumn("weight", ColumnRole.Weight),
            new FeatureColumn("hour", ColumnRole.Feature, FeatureType.Numeric, Breakdown: true),
            .. AvazuNames.Select(name => new FeatureColumn(name, ColumnRole.Feature, FeatureType.Categorical)),
        ]);

    /// <summary>The SQL that reads a file's lines, keeping those it cannot read in <c>reject_errors</c>.</summary>
    public string Read(string path, bool hasHeader) =>
        $"SELECT row_number() OVER () AS line, * FROM read_csv({Database.Quote(path)}, auto_detect = false, delim = {Database.Quote(Separator.ToString())}, quote = '', escape = '', "
        + $"header = {(hasHeader ? "true" : "false")}, nullstr = '', columns = {{{string.Join(", ", Fields.Select(field => $"{Database.Quote(field.Name)}: {Database.Quote(field.Type)}"))}}}, "
        + "store_rejects = true)";

    private static bool IsText(string name) =>
        name.StartsWith("site", StringComparison.Ordinal) || name.StartsWith("app", StringComparison.Ordinal) || name is "device_id" or "device_ip" or "device_model";
}
