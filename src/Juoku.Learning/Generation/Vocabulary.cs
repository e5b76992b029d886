namespace Juoku.Learning.Generation;

/// <summary>Names of what there is in the generated world, by code.</summary>
internal static class Vocabulary
{
    public static NameTable Categories { get; } = new([
        "games", "finance", "travel", "food", "fashion", "cars", "telecom", "beauty", "health", "books",
        "sports", "music", "cinema", "homes", "garden", "pets", "schools", "jobs", "insurance", "energy"]);

    public static NameTable Regions { get; } = new(["kanto", "kansai", "chubu", "kyushu", "tohoku", "chugoku", "hokkaido", "shikoku", "okinawa"]);

    public static NameTable Carriers { get; } = new(["aozora", "hikari", "minato", "wifi"]);

    public static NameTable Devices { get; } = new(["android", "ios", "desktop", "tablet"]);

    public static NameTable Genders { get; } = new(["f", "m", "unknown"]);

    public static NameTable Sizes { get; } = new(["320x50", "300x250", "320x100", "728x90", "native", "video"]);

    /// <summary>200 sites; site <c>s</c> writes about category <c>s % 20</c>.</summary>
    public static NameTable Sites { get; } = new(
        from place in (string[])["daily", "city", "home", "world", "my", "best", "little", "open", "north", "new"]
        from topic in Categories.Names
        select $"{place}-{topic}.example");
}
