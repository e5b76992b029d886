using Juoku.Forest;

namespace Juoku.Bench.Onnx;

/// <summary>
/// Writes an ensemble as an ONNX model: a TreeEnsembleRegressor (ai.onnx.ml) that sums float32 leaf values, and a Sigmoid where the
/// model predicts probabilities. Input <c>rows</c> [N, features], output <c>scores</c> [N, 1], both float32. Thresholds are rounded down to
/// float32, so that a float32 value takes the same way as in LightGBM; sums differ in the last digits of float32.
/// </summary>
/// <remarks>Field numbers are those of onnx.proto (ONNX 1.x).</remarks>
internal static class OnnxTreeModel
{
    public const string InputName = "rows";
    public const string OutputName = "scores";

    private const int ElementFloat = 1;
    private const string MachineLearning = "ai.onnx.ml";

    /// <summary>The model's bytes.</summary>
    /// <param name="ensemble">A model with one output, numeric splits, constant leaves, and zero not taken for missing.</param>
    /// <exception cref="NotSupportedException">ONNX's trees cannot say what the ensemble says.</exception>
    public static byte[] Write(Ensemble ensemble)
    {
        if (ensemble.OutputCount != 1) throw new NotSupportedException("Only models with one output are converted to ONNX.");
        if (ensemble.AveragesOutput) throw new NotSupportedException("Random forests are not converted to ONNX.");
        bool isProbability = ensemble.Objective.Transform switch
        {
            OutputTransform.Identity => false,
            OutputTransform.Sigmoid when ensemble.Objective.Sigmoid == 1 => true,
            _ => throw new NotSupportedException($"Objective {ensemble.Objective.Name} is not converted to ONNX."),
        };

        var nodes = new TreeAttributes();
        for (int tree = 0; tree < ensemble.Trees.Length; tree++) nodes.Add(tree, ensemble.Trees[tree]);

        string sums = isProbability ? "sums" : OutputName;
        ProtobufMessage graph = new ProtobufMessage()
            .Message(1, nodes.ToNode(InputName, sums))
            .Text(2, "ensemble")
            .Message(11, FloatMatrix(InputName, ensemble.FeatureNames.Length))
            .Message(12, FloatMatrix(OutputName, 1));
        if (isProbability) graph.Message(1, new ProtobufMessage().Text(1, sums).Text(2, OutputName).Text(4, "Sigmoid"));

        return new ProtobufMessage()
            .Integer(1, 8)
            .Text(2, "juoku")
            .Message(7, graph)
            .Message(8, OperatorSet("", 13))
            .Message(8, OperatorSet(MachineLearning, 3))
            .ToBytes();
    }

    private static ProtobufMessage OperatorSet(string domain, int version) => new ProtobufMessage().Text(1, domain).Integer(2, version);

    private static ProtobufMessage FloatMatrix(string name, int columns)
    {
        ProtobufMessage shape = new ProtobufMessage()
            .Message(1, new ProtobufMessage().Text(2, "N"))
            .Message(1, new ProtobufMessage().Integer(1, columns));
        ProtobufMessage tensor = new ProtobufMessage().Integer(1, ElementFloat).Message(2, shape);
        return new ProtobufMessage().Text(1, name).Message(2, new ProtobufMessage().Message(1, tensor));
    }

    /// <summary>Nodes of all trees as the parallel arrays that the operator takes. A tree's inner nodes come first, its leaves after them.</summary>
    private sealed class TreeAttributes
    {
        private const int TypeInt = 2;
        private const int TypeString = 3;
        private const int TypeFloats = 6;
        private const int TypeInts = 7;
        private const int TypeStrings = 8;

        private readonly List<long> _treeIds = [];
        private readonly List<long> _nodeIds = [];
        private readonly List<long> _featureIds = [];
        private readonly List<long> _trueIds = [];
        private readonly List<long> _falseIds = [];
        private readonly List<long> _missingGoesTrue = [];
        private readonly List<float> _thresholds = [];
        private readonly List<string> _modes = [];
        private readonly List<long> _leafTreeIds = [];
        private readonly List<long> _leafNodeIds = [];
        private readonly List<float> _leafValues = [];

        public void Add(int id, Tree tree)
        {
            if (!tree.LinearLeaves.IsEmpty) throw new NotSupportedException("Linear leaves are not converted to ONNX.");
            long Child(int child) => child >= 0 ? child : tree.NodeCount + ~child;
            for (int node = 0; node < tree.NodeCount; node++)
            {
                Decision decision = tree.Decisions[node];
                if (decision.IsCategorical) throw new NotSupportedException("Categorical splits are not converted to ONNX: it has no set membership that keeps up.");
                if (decision.Missing == MissingKind.Zero) throw new NotSupportedException("Splits that take zero for missing are not converted to ONNX.");

                double threshold = tree.Threshold[node];
                bool missingGoesLeft = decision.Missing == MissingKind.NaN ? decision.DefaultLeft : 0 <= threshold;
                AddNode(id, node, "BRANCH_LEQ", tree.SplitFeature[node], RoundedDown(threshold), Child(tree.LeftChild[node]), Child(tree.RightChild[node]), missingGoesLeft);
            }

            for (int leaf = 0; leaf < tree.LeafCount; leaf++)
            {
                AddNode(id, tree.NodeCount + leaf, "LEAF", 0, 0, 0, 0, false);
                _leafTreeIds.Add(id);
                _leafNodeIds.Add(tree.NodeCount + leaf);
                _leafValues.Add((float)tree.LeafValue[leaf]);
            }
        }

        public ProtobufMessage ToNode(string input, string output) => new ProtobufMessage()
            .Text(1, input)
            .Text(2, output)
            .Text(4, "TreeEnsembleRegressor")
            .Text(7, MachineLearning)
            .Message(5, Attribute("n_targets", TypeInt).Integer(3, 1))
            .Message(5, Attribute("aggregate_function", TypeString).Text(4, "SUM"))
            .Message(5, Attribute("post_transform", TypeString).Text(4, "NONE"))
            .Message(5, Integers("nodes_treeids", _treeIds))
            .Message(5, Integers("nodes_nodeids", _nodeIds))
            .Message(5, Integers("nodes_featureids", _featureIds))
            .Message(5, Integers("nodes_truenodeids", _trueIds))
            .Message(5, Integers("nodes_falsenodeids", _falseIds))
            .Message(5, Integers("nodes_missing_value_tracks_true", _missingGoesTrue))
            .Message(5, Floats("nodes_values", _thresholds))
            .Message(5, Strings("nodes_modes", _modes))
            .Message(5, Integers("target_treeids", _leafTreeIds))
            .Message(5, Integers("target_nodeids", _leafNodeIds))
            .Message(5, Integers("target_ids", [.. _leafNodeIds.Select(_ => 0L)]))
            .Message(5, Floats("target_weights", _leafValues));

        private void AddNode(int tree, int node, string mode, int feature, float threshold, long whenTrue, long whenFalse, bool missingGoesTrue)
        {
            _treeIds.Add(tree);
            _nodeIds.Add(node);
            _modes.Add(mode);
            _featureIds.Add(feature);
            _thresholds.Add(threshold);
            _trueIds.Add(whenTrue);
            _falseIds.Add(whenFalse);
            _missingGoesTrue.Add(missingGoesTrue ? 1 : 0);
        }

        private static ProtobufMessage Attribute(string name, int type) => new ProtobufMessage().Text(1, name).Integer(20, type);

        private static ProtobufMessage Integers(string name, IReadOnlyCollection<long> values) => Attribute(name, TypeInts).Integers(8, values);

        private static ProtobufMessage Floats(string name, IReadOnlyCollection<float> values) => Attribute(name, TypeFloats).Floats(7, values);

        private static ProtobufMessage Strings(string name, IReadOnlyCollection<string> values)
        {
            ProtobufMessage attribute = Attribute(name, TypeStrings);
            foreach (string value in values) attribute.Text(9, value);
            return attribute;
        }

        private static float RoundedDown(double value)
        {
            float rounded = (float)value;
            return rounded > value ? MathF.BitDecrement(rounded) : rounded;
        }
    }
}
