namespace Juoku.Batch.Models;

/// <summary>The files of a model are not what they must be: says which file, what is wrong and what to do, in one line.</summary>
/// <param name="file">Path or URL of the file.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="isMissing">It is not there, as opposed to being there with other bytes.</param>
public sealed class ModelFilesException(string file, string problem, bool isMissing = false) : Exception($"{file}: {problem}")
{
    /// <summary>Whether the file is not there, as opposed to being there with other bytes.</summary>
    public bool IsMissing => isMissing;
}
