using Juoku.Batch.Tables;

namespace Juoku.Batch.Predicting;

/// <summary>Finds the columns of a table by name.</summary>
internal sealed class ColumnNames
{
    private readonly TableSource _table;
    private readonly Dictionary<string, int> _exact = [];
    private readonly Dictionary<string, int> _underlined = [];
    private readonly HashSet<string> _duplicates = [];

    public ColumnNames(TableSource table)
    {
        _table = table;
        for (int i = 0; i < table.Columns.Length; i++)
        {
            if (!_exact.TryAdd(table.Columns[i].Name, i)) _duplicates.Add(table.Columns[i].Name);
            _underlined.TryAdd(Underlined(table.Columns[i].Name), i);
        }
    }

    /// <summary>Position of the column for a feature, or −1. LightGBM replaces spaces in feature names by underlines, so they match too.</summary>
    public int TryFind(string name) =>
        _exact.TryGetValue(name, out int position) || _underlined.TryGetValue(name, out position) ? position : -1;

    /// <summary>Position of the column that the command line calls <paramref name="name"/>.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="role">What it is to be, for the message.</param>
    public int Find(string name, string role)
    {
        if (!_exact.TryGetValue(name, out int position))
        {
            IReadOnlyList<string> close = CloseNames.Of(name, _exact.Keys);
            string hint = close.Count > 0 ? $"close: {string.Join(", ", close)}" : $"there are {string.Join(", ", _exact.Keys.Take(6))}{(_exact.Count > 6 ? ", …" : "")}";
            throw new TableException(_table.Path, $"no column '{name}', which was named as {role}; {hint}") { Column = name };
        }

        RefuseDuplicate(position);
        return position;
    }

    /// <summary>Refuses a column whose name another column has too.</summary>
    public void RefuseDuplicate(int position)
    {
        string name = _table.Columns[position].Name;
        if (_duplicates.Contains(name)) throw new TableException(_table.Path, $"two columns are called '{name}'; rename one") { Column = name };
    }

    private static string Underlined(string name) =>
        name.AsSpan().ContainsAny(' ', '\t') ? name.Replace(' ', '_').Replace('\t', '_') : name;
}
