using System.Net;
using System.Text;
using CsCheck;
using KestrelTlsUpgrade.Fuzzing;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.PropertyTests;

/// <summary>What the tunnel's readers must not miss: a reader that accepts nothing would keep the rules of the targets, too.</summary>
public sealed class TunnelReaderPropertyTests
{
    private static readonly KestrelServerLimits Limits = new();

    private static readonly Gen<int> Port = Gen.Int[1, IPEndPoint.MaxPort];

    private static readonly Gen<IPAddress> Address =
        Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16]).Select(static bytes => new IPAddress(bytes));

    [Fact]
    public void Parse_Address_IsThatAddress() =>
        Gen.Select(Address, Port).Sample((address, port) =>
        {
            var target = ConnectTarget.Parse(new IPEndPoint(address, port).ToString());
            Assert.NotNull(target);
            Assert.Equal((address, port), (target.Address, target.Port));
        });

    [Fact]
    public void Read_PlainConnect_IsAcceptedWithItsTarget() =>
        Gen.Select(Messages.Name, Port, Messages.Field.Array[0, 8], Messages.Choices).Sample(
            (host, port, fields, choices) =>
            {
                var head = Messages.Join([$"CONNECT {host}:{port} HTTP/1.1", $"Host: {host}", .. fields.Select(Messages.ToLine)]);
                var input = Messages.ToInput(choices, Encoding.ASCII.GetBytes(head));

                Assert.Equal(ArrivedRequestKind.Connect, ConnectHead.Classify(input.CutWire(), 32 * 1024, out var length));
                Assert.Equal(head.Length, length);
                var request = ConnectHeadReader.Read(input.CutWire(), Limits, out var status);
                Assert.Equal(200, status);
                Assert.Equal(new ConnectTarget(host.ToLowerInvariant(), null, port), request?.Target);
            },
            iter: 3000);

    [Fact]
    public void Read_PlainAnswer_IsReadPastInterimOnesAndNoFurther() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[200, 299], Messages.Field.Array[0, 8], Gen.Byte.Array[0, 50], Messages.Choices).Sample(
            (interim, status, fields, behind, choices) =>
            {
                var head = string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", interim))
                    + Messages.Join([$"HTTP/1.1 {status} X", .. fields.Select(Messages.ToLine)]);
                var input = Messages.ToInput(choices, [.. Encoding.ASCII.GetBytes(head), .. behind]);

                var stream = new SegmentedStream(input.Cut(input.Wire));
                var (answer, early) = Oracle.AtOnce(NextProxyAnswer.ReadAsync(stream, TimeProvider.System, CancellationToken.None));
                Assert.Equal(status, answer.Status);
                Assert.Equal(fields, answer.Fields);
                Assert.Equal(head.Length, stream.Consumed - early.Length);
            },
            iter: 3000);
}
