using System.Collections;
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
    private const int MetricsTags = 0;
    private const int ConcurrentCount = 1;

    private static readonly Type[] OwnKeys =
    [
        typeof(IConnectionMetricsTagsFeature),
        typeof(IDecrementConcurrentConnectionCountFeature),
        typeof(IPlaintextPhase),
        typeof(ITlsUpgradeFeature),
        typeof(IConnectionHeartbeatFeature),
        typeof(IConnectionTransportFeature),
        typeof(IConnectionItemsFeature),
    ];

    private FeatureCollection? _set;

    public bool IsReadOnly => false;

    public int Revision => inner.Revision + (_set?.Revision ?? 0);

    public object? this[Type key]
    {
        get => _set?[key] ?? GetOwn(key) ?? inner[key];
        set => (_set ??= [])[key] = value;
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        var all = new FeatureCollection(inner);
        foreach (var key in OwnKeys)
        {
            if (GetOwn(key) is { } own)
            {
                all[key] = own;
            }
        }

        foreach (var (key, value) in _set ?? Enumerable.Empty<KeyValuePair<Type, object>>())
        {
            all[key] = value;
        }

        return all.GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private PlaintextConnection? GetOwn(Type key)
    {
        var isOwn = Array.IndexOf(OwnKeys, key) switch
        {
            < 0 => false,
            MetricsTags => phase.HasMetricsTags,
            ConcurrentCount => phase.HasConcurrentCount,
            _ => true,
        };
        return isOwn ? phase : null;
    }
}
