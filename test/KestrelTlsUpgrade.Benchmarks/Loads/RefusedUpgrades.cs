using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>
/// New connections that get a 101 and no TLS: the ClientHello offers <c>h2</c> and is refused by an alert, or the client closes.
/// </summary>
internal sealed record RefusedUpgrades(bool SendsHello) : Load
{
    private const byte AlertRecord = 0x15;

    private static readonly byte[] Hello = CreateHello();

    public override string Unit => "connections";

    public override int RoundTrips => SendsHello ? 3 : 2;

    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        var target = new LoadTarget(server);
        onReady();
        return await RunEachAsync(connections, duration, (_, deadline) => OpenManyAsync(target, deadline));
    }

    private async Task<double> OpenManyAsync(LoadTarget target, Deadline deadline)
    {
        var buffer = new byte[LoadConnection.BufferLength];
        var count = 0;
        do
        {
            using var socket = LoadSocket.Create();
            await socket.ConnectAsync(target.EndPoint);
            await socket.SendAsync(target.UpgradeRequest);
            await ReadAsync(socket, buffer, "HTTP/1.1 101"u8.ToArray());
            if (SendsHello)
            {
                await socket.SendAsync(Hello);
                await ReadAsync(socket, buffer, [AlertRecord]);
            }

            count++;
        }
        while (!deadline.IsOver);

        return count;
    }

    private static async Task ReadAsync(Socket socket, byte[] buffer, byte[] start)
    {
        var count = await socket.ReceiveAsync(buffer);
        if (!buffer.AsSpan(0, count).StartsWith(start))
        {
            throw new InvalidDataException("The server answers otherwise.");
        }
    }

    /// <summary>TLS 1.3 as a client of https begins it, without what the refusal does not depend on.</summary>
    private static byte[] CreateHello()
    {
        byte[] extensions =
        [
            // supported_versions: TLS 1.3
            0x00, 0x2B, 0x00, 0x03, 0x02, 0x03, 0x04,
            // application_layer_protocol_negotiation: h2, http/1.1
            0x00, 0x10, 0x00, 0x0E, 0x00, 0x0C, 0x02, 0x68, 0x32, 0x08, 0x68, 0x74, 0x74, 0x70, 0x2F, 0x31, 0x2E, 0x31,
        ];
        byte[] body =
        [
            0x03, 0x03, .. new byte[32],
            // session_id: none; cipher_suites: TLS_AES_128_GCM_SHA256; compression_methods: null
            0x00, 0x00, 0x02, 0x13, 0x01, 0x01, 0x00,
            0x00, (byte)extensions.Length, .. extensions,
        ];
        byte[] message = [0x01, 0x00, 0x00, (byte)body.Length, .. body];
        return [0x16, 0x03, 0x01, 0x00, (byte)message.Length, .. message];
    }
}
