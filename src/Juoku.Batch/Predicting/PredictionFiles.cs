using System.Collections.Immutable;
using System.IO.Enumeration;
using Juoku.Batch.Tables;
using Juoku.Batch.Tables.Inputs;

namespace Juoku.Batch.Predicting;

/// <summary>An input file and the file its predictions go to; neighbours with the same output share it.</summary>
/// <param name="Input">File to read.</param>
/// <param name="Output">File to write.</param>
/// <param name="Format">Format of the output.</param>
/// <param name="OutputDirectory">Directory to make for the output when it is not there; null when the output was named as a file.</param>
internal sealed record PredictionFile(string Input, string Output, TableFormat Format, string? OutputDirectory);

/// <summary>Turns what the command line names into files.</summary>
internal static class PredictionFiles
{
    /// <summary>
    /// Lists the inputs in order and says where each goes. A single output file (its name ends as a table's) takes all inputs one after
    /// another; an output directory takes one file per input, named and formatted as the input is.
    /// </summary>
    /// <exception cref="NotFoundException">An input is not there.</exception>
    /// <exception cref="UsageException">The output has no known format, or would overwrite an input or the model.</exception>
    public static ImmutableArray<PredictionFile> Plan(PredictionOptions options)
    {
        InputFile[] inputs = [.. options.Inputs.SelectMany(Expand)];
        bool intoDirectory = Directory.Exists(options.Output) || Path.EndsInDirectorySeparator(options.Output)
            || (TableFormat.FromName(options.Output) is null && (inputs.Length > 1 || options.Inputs.Any(Directory.Exists)));
        PredictionFile[] files;
        if (intoDirectory)
        {
            files = [.. inputs.Select(input => IntoDirectory(input.Path, Path.Combine(options.Output, input.Name)))];
        }
        else
        {
            TableFormat format = TableFormat.FromName(options.Output)
                ?? throw new UsageException($"--output {options.Output}: the name must end in {TableFormat.KnownNames}, or be a directory");
            files = [.. inputs.Select(input => new PredictionFile(input.Path, options.Output, format, null))];
        }

        RefuseOverwriting(options, files, intoDirectory);
        return [.. files];
    }

    private static PredictionFile IntoDirectory(string input, string output) => new(input, output, TableFormat.Detect(TableInput.Of(input)), Path.GetDirectoryName(output)!);

    /// <summary>The files that an argument names, each with the name it gets in an output directory.</summary>
    private static IEnumerable<InputFile> Expand(string input)
    {
        if (File.Exists(input)) return [new InputFile(input, Path.GetFileName(input))];
        if (Directory.Exists(input))
        {
            string[] files = [.. Directory.GetFiles(input).Where(file => IsVisible(Path.GetFileName(file))).Order(StringComparer.Ordinal)];
            return files.Length > 0
                ? files.Select(file => new InputFile(file, Path.GetFileName(file)))
                : throw new NotFoundException($"{input}: the directory holds no file (names that begin with _ or . do not count)");
        }

        if (input.AsSpan().ContainsAny('*', '?'))
        {
            string pattern = Path.GetFullPath(input);
            string root = pattern[..pattern.AsSpan().IndexOfAny('*', '?')];
            root = root[..(root.LastIndexOf(Path.DirectorySeparatorChar) + 1)];
            string[] files = [.. Matches(root, pattern[root.Length..].Split(Path.DirectorySeparatorChar)).Distinct().Order(StringComparer.Ordinal)];
            string shown = Path.IsPathRooted(input) ? "" : Directory.GetCurrentDirectory() + Path.DirectorySeparatorChar;
            return files.Length > 0
                ? files.Select(file => new InputFile(file.StartsWith(shown, StringComparison.Ordinal) ? file[shown.Length..] : file, Path.GetRelativePath(root, file)))
                : throw new NotFoundException($"{input}: no file matches");
        }

        throw new NotFoundException($"{input}: no such file or directory");
    }

    /// <summary>Files under a directory that match a pattern, segment by segment; <c>**</c> stands for any number of directories.</summary>
    private static IEnumerable<string> Matches(string directory, ReadOnlyMemory<string> segments)
    {
        if (!Directory.Exists(directory)) return [];
        string segment = segments.Span[0];
        if (segments.Length == 1)
        {
            return Directory.GetFiles(directory).Where(file => IsVisible(Path.GetFileName(file))
                && FileSystemName.MatchesSimpleExpression(segment, Path.GetFileName(file), ignoreCase: false));
        }

        IEnumerable<string> directories = Directory.GetDirectories(directory).Where(name => IsVisible(Path.GetFileName(name)));
        if (segment == "**")
            return Matches(directory, segments[1..]).Concat(directories.SelectMany(name => Matches(name, segments)));
        return directories.Where(name => FileSystemName.MatchesSimpleExpression(segment, Path.GetFileName(name), ignoreCase: false))
            .SelectMany(name => Matches(name, segments[1..]));
    }

    private static bool IsVisible(string name) => !name.StartsWith('_') && !name.StartsWith('.');

    private static void RefuseOverwriting(PredictionOptions options, PredictionFile[] files, bool intoDirectory)
    {
        HashSet<string> inputs = [.. files.Select(file => Real(file.Input))];
        HashSet<string> outputs = [];
        foreach (PredictionFile file in files)
        {
            string output = Real(file.Output);
            if (inputs.Contains(output)) throw new UsageException($"--output {file.Output} is one of the inputs; write somewhere else");
            if (output == Real(options.Model)) throw new UsageException($"--output {file.Output} is the model; write somewhere else");
            if (!outputs.Add(output) && intoDirectory) throw new UsageException($"--output {options.Output}: two inputs are called {Path.GetFileName(file.Output)}; predict them into two directories");
        }
    }

    private static string Real(string path)
    {
        string full = Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(full) ?? full;
        if (Directory.Exists(directory) && Directory.ResolveLinkTarget(directory, returnFinalTarget: true) is { } target)
            full = Path.Combine(target.FullName, Path.GetFileName(full));
        return File.Exists(full) && File.ResolveLinkTarget(full, returnFinalTarget: true) is { } file ? file.FullName : full;
    }

    /// <summary>An input, and the name it gets in an output directory.</summary>
    private sealed record InputFile(string Path, string Name);
}
