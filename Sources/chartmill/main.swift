print("chartmill")
