using System.Collections;
using KestrelTlsUpgrade.Internal.Middleware;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Plaintext;

/// <summary>
/// The feature collection of the plaintext phase: the connection's features, overridden by the phase's own and by features set during the
/// phase.
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

    /// <summary>Features set during the phase; <see langword="null"/> for removed ones.</summary>
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

    /// <summary>Copies the features that were set during the phase to the connection.</summary>
    public void GiveBack()
    {
        foreach (var (key, value) in _set ?? Enumerable.Empty<KeyValuePair<Type, object?>>())
        {
            // Middleware that replaced one of the phase's own features has restored it.
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

    /// <summary>On the hot path: every feature that a request does not have itself is looked up here.</summary>
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
