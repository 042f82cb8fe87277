using System.IO.Pipelines;
using System.Net;
using KestrelTlsUpgrade.Internal.Middleware;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Plaintext;

/// <summary>
/// The connection that plaintext HTTP runs on. Kestrel attaches state to a connection that lasts until it closes: heartbeat callbacks with
/// running timeouts, metrics tags, features and items. This wrapper captures that state and drops it at the switch to TLS: no plaintext
/// state may survive.
/// </summary>
internal sealed class PlaintextConnection : ConnectionContext,
    ITlsUpgradeFeature,
    IConnectionHeartbeatFeature,
    IConnectionTransportFeature,
    IConnectionItemsFeature,
    IConnectionMetricsTagsFeature,
    IDecrementConcurrentConnectionCountFeature
{
    private readonly UpgradeConnection _connection;
    private readonly ConnectionContext _inner;
    private readonly PlaintextFeatures _features;
    private (Action<object> Action, object State)[] _heartbeats = [];
    private bool _isOnHeartbeat;
    private List<KeyValuePair<string, object?>>? _tags;
    private IDictionary<object, object?>? _items;
    private volatile bool _isOver;

    public PlaintextConnection(UpgradeConnection connection)
    {
        _connection = connection;
        _inner = connection.Context;
        Transport = _inner.Transport;
        _features = new PlaintextFeatures(_inner.Features, this);
    }

    /// <summary>The connection that this phase belongs to.</summary>
    public UpgradeConnection Connection => _connection;

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId
    {
        get => _inner.ConnectionId;
        set => _inner.ConnectionId = value;
    }

    public override IFeatureCollection Features => _features;

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems(new Dictionary<object, object?>(_inner.Items));
        set => _items = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _inner.LocalEndPoint;
        set => _inner.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _inner.RemoteEndPoint;
        set => _inner.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _inner.ConnectionClosed;
        set => _inner.ConnectionClosed = value;
    }

    TlsUpgradeState ITlsUpgradeFeature.State => TlsUpgradeState.Plaintext;

    string? ITlsUpgradeFeature.Token => null;

    bool ITlsUpgradeFeature.IsReplayedRequest => false;

    bool ITlsUpgradeFeature.IsAwareClient => false;

    bool ITlsUpgradeFeature.IsConfirmedRequest => false;

    ICollection<KeyValuePair<string, object?>> IConnectionMetricsTagsFeature.Tags => _tags ??= [];

    /// <summary>
    /// Whether the connection has metrics tags. Depends on the server's configuration, as does <see cref="HasConcurrentCount"/>.
    /// </summary>
    public bool HasMetricsTags => InnerTags is not null;

    public bool HasConcurrentCount => InnerCount is not null;

    private IConnectionMetricsTagsFeature? InnerTags => _inner.Features.Get<IConnectionMetricsTagsFeature>();

    private IDecrementConcurrentConnectionCountFeature? InnerCount => _inner.Features.Get<IDecrementConcurrentConnectionCountFeature>();

    /// <summary>
    /// Whether client bytes have been read ahead. Kestrel leaves bytes after a request on the transport, but a connection middleware in
    /// between, such as connection logging, may buffer some.
    /// </summary>
    public bool HasReadAhead()
    {
        if (Transport == _inner.Transport || !Transport.Input.TryRead(out var result))
        {
            return false;
        }

        Transport.Input.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }

    /// <summary>
    /// Ends the plaintext phase. If no upgrade follows, the connection is closing, and its state is copied back for outer middleware.
    /// </summary>
    public void End()
    {
        _isOver = true;
        _heartbeats = [];
        if (_connection.Upgrade is null)
        {
            GiveBack();
        }
    }

    public void OnHeartbeat(Action<object> action, object state)
    {
        if (_isOver)
        {
            return;
        }

        _heartbeats = [.. _heartbeats, (action, state)];
        if (!_isOnHeartbeat)
        {
            _isOnHeartbeat = true;
            _inner.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static phase => ((PlaintextConnection)phase).Beat(), this);
        }
    }

    private void GiveBack()
    {
        foreach (var tag in _tags ?? [])
        {
            InnerTags?.Tags.Add(tag);
        }

        foreach (var (key, value) in _items ?? Enumerable.Empty<KeyValuePair<object, object?>>())
        {
            _inner.Items[key] = value;
        }

        _features.GiveBack();
    }

    private void Beat()
    {
        foreach (var (action, state) in _heartbeats)
        {
            action(state);
        }
    }

    /// <summary>
    /// Kestrel stops counting a connection as HTTP when a request upgrades it. After a TLS upgrade it continues as HTTP, so it stays
    /// counted.
    /// </summary>
    void IDecrementConcurrentConnectionCountFeature.ReleaseConnection()
    {
        if (_connection.Upgrade is null)
        {
            InnerCount?.ReleaseConnection();
        }
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_isOver)
        {
            _inner.Abort(abortReason);
        }
    }

    public override void Abort()
    {
        if (!_isOver)
        {
            _inner.Abort();
        }
    }
}
