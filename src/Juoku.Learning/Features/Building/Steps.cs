using Juoku.Learning.Features.Definition;

namespace Juoku.Learning.Features.Building;

/// <summary>Runs a set's SQL files: each is one query, and becomes a table of its name.</summary>
internal sealed class Steps(Database database, SetDefinition set)
{
    /// <summary>Runs the file of macros, where there is one.</summary>
    public void SetUp()
    {
        if (set.Sql.TryGetValue(SetDefinitionNames.Setup, out string? sql)) database.Execute(sql, set.SqlPath(SetDefinitionNames.Setup));
    }

    /// <summary>Makes the table of a step. The file begins on the statement's first line, so that the lines DuckDB names are the file's.</summary>
    public void Run(string step) => database.Execute($"CREATE TABLE {Database.Name(step)} AS {set.Sql[step]}", set.SqlPath(step));

    /// <summary>Makes the last step a view: it is read once, on its way into the files.</summary>
    public void RunLast(string step) => database.Execute($"CREATE VIEW {Database.Name(step)} AS {set.Sql[step]}", set.SqlPath(step));

    /// <summary>Drops tables of steps.</summary>
    public void Drop(IEnumerable<string> names)
    {
        foreach (string name in names.Reverse()) database.Execute($"DROP TABLE {Database.Name(name)}");
    }
}
