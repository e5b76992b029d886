using System.Globalization;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Juoku.Scaling.Kubernetes;

/// <summary>
/// Tells people through the Deployment's events (<c>kubectl describe deployment</c>). An event that was told a short while ago is counted, not
/// told again. An event that cannot be put stops nothing.
/// </summary>
/// <param name="cluster">Where the Deployment is.</param>
/// <param name="deployment">Its name.</param>
/// <param name="reporter">Who tells.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Gets every event as a line, too.</param>
public sealed class ClusterEvents(ClusterConnection cluster, string deployment, string reporter, TimeProvider time, ILogger log)
{
    private const int LongestNote = 1024; // bytes
    private const int LongestReporter = 128;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(6);

    private readonly Dictionary<(string Reason, string Note), (string Name, int Count, DateTimeOffset Last)> _told = [];
    private string? _trouble;

    /// <summary>Tells.</summary>
    /// <param name="uid">The Deployment's id.</param>
    /// <param name="told">What.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task TellAsync(string uid, ClusterEvent told, CancellationToken cancellation)
    {
        log.Log(told.IsWarning ? LogLevel.Warning : LogLevel.Information, "{Note}", told.Note);
        string note = Fitted(told.Note);
        DateTimeOffset now = time.GetUtcNow();
        foreach (var old in _told.Where(entry => now - entry.Value.Last > Again).Select(entry => entry.Key).ToList()) _told.Remove(old);
        try
        {
            if (_told.TryGetValue((told.Reason, note), out var known)) await CountAsync(known.Name, known.Count + 1, now, cancellation).ConfigureAwait(false);
            else known.Name = await PutAsync(uid, told, note, now, cancellation).ConfigureAwait(false);
            _told[(told.Reason, note)] = (known.Name, known.Count + 1, now);
            _trouble = null;
        }
        catch (ClusterException e)
        {
            if (_trouble != e.Message) log.LogWarning("an event is missing: {Error}", _trouble = e.Message);
        }
    }

    private static string Fitted(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= LongestNote) return note;
        var kept = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in note.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > LongestNote - "…"u8.Length) break;
            kept.Append(rune.ToString());
        }

        return kept.Append('…').ToString();
    }

    private async Task<string> PutAsync(string uid, ClusterEvent told, string note, DateTimeOffset now, CancellationToken cancellation)
    {
        var put = new Eventsv1Event
        {
            Metadata = new() { Name = string.Create(CultureInfo.InvariantCulture, $"{deployment}.{Guid.NewGuid():N}")[..(deployment.Length + 17)], NamespaceProperty = cluster.Namespace },
            EventTime = now.UtcDateTime,
            Type = told.IsWarning ? "Warning" : "Normal",
            Reason = told.Reason,
            Action = told.Action,
            Note = note,
            Regarding = new() { ApiVersion = "apps/v1", Kind = "Deployment", Name = deployment, NamespaceProperty = cluster.Namespace, Uid = uid },
            ReportingController = "juoku.dev/controller",
            ReportingInstance = reporter.Length <= LongestReporter ? reporter : reporter[..LongestReporter],
        };
        await cluster.DoAsync("put an event", (client, stop) => client.EventsV1.CreateNamespacedEventAsync(put, cluster.Namespace, cancellationToken: stop), cancellation).ConfigureAwait(false);
        return put.Metadata.Name;
    }

    private Task CountAsync(string name, int count, DateTimeOffset now, CancellationToken cancellation)
    {
        var patch = new V1Patch(new { series = new { count, lastObservedTime = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture) } }, V1Patch.PatchType.MergePatch);
        return cluster.DoAsync("count an event", (client, stop) => client.EventsV1.PatchNamespacedEventAsync(patch, name, cluster.Namespace, cancellationToken: stop), cancellation);
    }
}

/// <summary>Something that people may want to know.</summary>
/// <param name="Reason">In one word, for machines.</param>
/// <param name="Action">What was done, in one word.</param>
/// <param name="Note">For people, in one line.</param>
/// <param name="IsWarning">Something is wrong.</param>
public sealed record ClusterEvent(string Reason, string Action, string Note, bool IsWarning = false);
