namespace Juoku.Batch.Models;

/// <summary>A model that stays the same whatever is promoted meanwhile: where its files lie, and what their bytes must be.</summary>
/// <param name="Name">What people call it: <c>ctr/12</c>, or the path it was read from.</param>
/// <param name="Store">URL of the store that holds it.</param>
/// <param name="Folder">Key prefix of its files, such as <c>models/ctr/12/</c>.</param>
/// <param name="Digest">SHA-256 of <c>model.txt</c>, in hexadecimal.</param>
/// <param name="Files">The files that scoring needs: <c>model.txt</c>, and beside it the category map and the calibration where there are any.</param>
public sealed record PinnedModel(string Name, string Store, string Folder, string Digest, IReadOnlyList<PinnedFile> Files);

/// <summary>A file of a pinned model.</summary>
/// <param name="Name">Name within the folder.</param>
/// <param name="Sha256">Digest of its bytes, in hexadecimal.</param>
public sealed record PinnedFile(string Name, string Sha256);
