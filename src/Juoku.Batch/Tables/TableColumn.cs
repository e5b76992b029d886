namespace Juoku.Batch.Tables;

/// <summary>What the values of a column can be used for.</summary>
public enum ColumnContent
{
    /// <summary>Numbers or booleans.</summary>
    Numbers,

    /// <summary>Strings: categories by way of a category map.</summary>
    Strings,

    /// <summary>Whatever the text says: a number where a number is asked for, a category where the feature has a map.</summary>
    Text,

    /// <summary>Dates, decimals, lists, …: may be a key, never a feature.</summary>
    Other,
}

/// <summary>A column that a table has.</summary>
/// <param name="Name">Its name; <c>column_0</c>, <c>column_1</c>, … in a file without header.</param>
/// <param name="Content">What its values can be used for.</param>
/// <param name="TypeName">Its type, for messages.</param>
public sealed record TableColumn(string Name, ColumnContent Content, string TypeName);
