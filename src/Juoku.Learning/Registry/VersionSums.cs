using System.Collections.Immutable;
using System.Text;
using Juoku.Batch.Models;

namespace Juoku.Learning.Registry;

/// <summary>The digests of a version's files in the form of <c>sha256sum</c>, so that a copy can be checked where there is no Juoku.</summary>
/// <param name="Files">The files, the manifest among them.</param>
internal sealed record VersionSums(ImmutableArray<PinnedFile> Files)
{
    /// <summary>Reads the text; null when it is not one.</summary>
    public static VersionSums? TryParse(ReadOnlySpan<byte> utf8)
    {
        ImmutableArray<PinnedFile>.Builder files = ImmutableArray.CreateBuilder<PinnedFile>();
        foreach (string line in Encoding.UTF8.GetString(utf8).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length < 67 || line[64] != ' ' || line[65] != ' ') return null;
            files.Add(new PinnedFile(line[66..], line[..64]));
        }

        return new VersionSums(files.ToImmutable());
    }

    /// <summary>One line a file: digest, two blanks, name.</summary>
    public override string ToString() => string.Concat(Files.Select(file => $"{file.Sha256}  {file.Name}\n"));
}
