using Juoku.Batch.Predicting;

namespace Juoku.Batch.Models;

/// <summary>
/// The models that a worker has in memory: the last few that it was asked for, each loaded once however many ask at the same time.
/// A load that failed is forgotten, so that the next who asks tries again.
/// </summary>
/// <param name="cache">Brings them to this machine.</param>
/// <param name="capacity">How many to keep.</param>
public sealed class LoadedModels(ModelCache cache, int capacity = 3)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Digest, Task<PredictionModel> Model)> _recent = [];

    /// <summary>The model, from memory where it is there.</summary>
    /// <exception cref="ModelFilesException">Its files are not what they must be.</exception>
    public async Task<PredictionModel> GetAsync(PinnedModel model, CancellationToken cancellation)
    {
        Task<PredictionModel> loading = Find(model);

        // Who stops waiting does not stop the others: the load itself goes on.
        return await loading.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private Task<PredictionModel> Find(PinnedModel model)
    {
        string digest = model.ContentDigest();
        lock (_lock)
        {
            for (LinkedListNode<(string Digest, Task<PredictionModel> Model)>? node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Digest != digest) continue;
                _recent.Remove(node);
                if (node.Value.Model.IsFaulted) break;
                _recent.AddFirst(node);
                return node.Value.Model;
            }

            Task<PredictionModel> loading = Task.Run(async () =>
            {
                string folder = await cache.FetchAsync(model, CancellationToken.None).ConfigureAwait(false);
                return PredictionModel.Load(Path.Combine(folder, PinnedModel.ModelFile));
            });
            _recent.AddFirst((digest, loading));
            if (_recent.Count > capacity) _recent.RemoveLast();
            return loading;
        }
    }
}
