using System.Collections;
using KestrelTlsUpgrade.Internal.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Plaintext;

/// <summary>
/// The features of a connection in its plaintext phase: those of the connection, but for the few that the phase has of its
/// own, and whatever is set meanwhile.
/// </summary>
internal sealed class PlaintextFeatures(IFeatureCollection inner, PlaintextConnection phase) : IFeatureCollection
{
    private const int Connection = 0;
    private const int MetricsTags = 1;
    private const int ConcurrentCount = 2;

    private static readonly Type[] OwnKeys =
    [
        typeof(UpgradeConnection),
        typeof(IConnectionMetricsTagsFeature),
        typeof(IDecrementConcurrentConnectionCountFeature),
        typeof(ITlsUpgradeFeature),
        typeof(IConnectionHeartbeatFeature),
        typeof(IConnectionTransportFeature),
        typeof(IConnectionItemsFeature),
    ];

    /// <summary>What was set meanwhile, and <see langword="null"/> for what was taken away.</summary>
    private Dictionary<Type, object?>? _set;

    private int _revision;

    public bool IsReadOnly => false;

    public int Revision => inner.Revision + _revision;

    public object? this[Type key]
    {
        get => _set is not null && _set.TryGetValue(key, out var value) ? value : GetOwn(key) ?? inner[key];
        set
        {
            (_set ??= [])[key] = value;
            _revision++;
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    /// <summary>Leaves what was set meanwhile to the connection.</summary>
    public void GiveBack()
    {
        foreach (var (key, value) in _set ?? Enumerable.Empty<KeyValuePair<Type, object?>>())
        {
            // Whoever swapped one of the phase's own features has put it back.
            if (!ReferenceEquals(value, phase))
            {
                inner[key] = value;
            }
        }
    }

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        var keys = inner.Select(static pair => pair.Key).Union(OwnKeys).Union(_set?.Keys ?? Enumerable.Empty<Type>());
        foreach (var key in keys)
        {
            if (this[key] is { } value)
            {
                yield return new(key, value);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Asked for whatever a request finds nowhere else, so it is not to cost anything.</summary>
    private object? GetOwn(Type key)
    {
        for (var i = 0; i < OwnKeys.Length; i++)
        {
            if (OwnKeys[i] == key)
            {
                return i switch
                {
                    Connection => phase.Connection,
                    MetricsTags => phase.HasMetricsTags ? phase : null,
                    ConcurrentCount => phase.HasConcurrentCount ? phase : null,
                    _ => phase,
                };
            }
        }

        return null;
    }
}
